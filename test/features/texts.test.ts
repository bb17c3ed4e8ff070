import fc from 'fast-check';
import type { Service } from '../support/app.ts';
import { badgeBody, describe, expect, goalBody, it, type SignedIn } from '../support/fixtures.ts';
import type { Json } from '../support/json.ts';

interface Field {
  list: 'badges' | 'goals';
  name: 'name' | 'title' | 'description';
  max: number;
  isMultiline: boolean;
}

const FIELDS: Field[] = [
  { list: 'badges', name: 'name', max: 100, isMultiline: false },
  { list: 'badges', name: 'description', max: 500, isMultiline: true },
  { list: 'goals', name: 'title', max: 200, isMultiline: false },
  { list: 'goals', name: 'description', max: 2000, isMultiline: true },
];

const MUTATIONS = {
  badges:
    'mutation ($input: CreateBadgeInput!) { create: createBadge(input: $input) { item: badge { name description } } }',
  goals:
    'mutation ($input: CreateGoalInput!) { create: createGoal(input: $input) { item: goal { title description } } }',
};
const UPDATE =
  'mutation ($input: UpdateGoalInput!) { update: updateGoal(input: $input) { goal { title description } } }';

interface Request {
  field: Field;
  text: string;
}

interface Verdict {
  stored?: string;
  problem?: string;
}

/** Creates an item with this text by REST, and returns the stored text or the problem. */
async function createByRest(service: Service, { id, token }: SignedIn, { field, text }: Request): Promise<Verdict> {
  const body = { ...(field.list === 'badges' ? badgeBody() : goalBody()), [field.name]: text };
  const { status, body: answer } = await service.rest(`/users/${id}/${field.list}`, { token, body });
  if (status === 200) return { stored: answer[field.name] as string };
  expect({ status, code: answer.code }).toEqual({ status: 422, code: 'BAD_USER_INPUT' });
  expect(answer.detail).toEqual([
    { loc: ['body', field.name], msg: expect.stringMatching(`^${field.name} must`), type: expect.any(String) },
  ]);
  return { problem: answer.detail[0].msg as string };
}

/** Creates the same by GraphQL. */
async function createByGraphql(service: Service, { token }: SignedIn, { field, text }: Request): Promise<Verdict> {
  const { icon_url: iconUrl, ...body }: Json = field.list === 'badges' ? badgeBody() : goalBody();
  const input = { ...body, ...(iconUrl && { iconUrl }), [field.name]: text };
  const { data, errors } = await service.graphql(MUTATIONS[field.list], { input }, { token });
  if (errors === undefined) return { stored: data.create.item[field.name] as string };
  expect(data?.create ?? null).toBeNull();
  expect(errors).toHaveLength(1);
  expect(errors[0].extensions).toMatchObject({ code: 'BAD_USER_INPUT', field: field.name });
  return { problem: errors[0].message as string };
}

/** Creates by both APIs, expects the same verdict, and returns it. */
async function create(service: Service, user: SignedIn, request: Request): Promise<Verdict> {
  const rest = await createByRest(service, user, request);
  expect(await createByGraphql(service, user, request)).toEqual(rest);
  return rest;
}

const fieldsOf = (isMultiline: boolean) => FIELDS.filter((field) => field.isMultiline === isMultiline);
const codePoint = (text: string) => `U+${text.codePointAt(0)?.toString(16).toUpperCase().padStart(4, '0')}`;

/** Text that Unicode intends, in both forms of line. */
const LEGITIMATE: Record<string, string> = {
  'a family of emoji joined by zero-width joiners': '👨‍👩‍👧‍👦',
  'a flag of regional indicators': '🇮🇷',
  'a flag of tags': '🏴\u{e0067}\u{e0062}\u{e0065}\u{e006e}\u{e0067}\u{e007f}',
  'an emoji with a variation selector': '❤️',
  'a keycap': '1️⃣',
  'a skin tone': '👍🏽',
  'Persian with a zero-width non-joiner': 'می\u200cخواهم',
  'Arabic with marks': 'السَّلَامُ عَلَيْكُمْ',
  'Hebrew with points': 'שָׁלוֹם',
  'Hebrew with a right-to-left mark': 'שלום!\u200f',
  Thai: 'สวัสดี',
  'Hindi with a conjunct': 'क्‍ष',
  Tibetan: 'བོད་',
  'an ideographic variant': '葛󠄀',
  'Korean in decomposed syllables': '\u1112\u1161\u11ab',
  'Braille with a blank': '⠓⠊⠀⠽',
  'Vietnamese in decomposed letters': 'Tie\u0302\u0301ng Vie\u0323\u0302t',
  'a balanced isolate': 'the title \u2068שלום\u2069 here',
  'nested isolates and embeddings': '\u2067\u202babc\u202c\u2066d\u2069\u2069',
  'a soft hyphen': 'Donau\u00addampf',
  'a byte order mark before a letter': '\ufeffx',
  'a private-use character': '\uf8ff',
  'no-break spaces': '5\u00a0km in 30\u202fmin',
};

/** Text that shows nothing. */
const BLANK: Record<string, string> = {
  'a space': ' ',
  'no-break spaces': '\u00a0\u202f',
  'spaces of other widths': '\u2000\u2003\u2009\u200a\u205f\u3000\u1680',
  'zero-width characters': '\u200b\u200c\u200d\u2060\ufeff',
  'a word joiner and a Mongolian vowel separator': '\u2060\u180e',
  'invisible operators': '\u2061\u2062\u2063\u2064',
  'marks of direction': '\u200e\u200f\u061c',
  'balanced isolates': '\u2066\u2069\u2067\u2069\u2068\u2069',
  'balanced embeddings and overrides': '\u202a\u202c\u202d\u202c\u202e\u202c',
  'deprecated format characters': '\u206a\u206f',
  'interlinear annotations': '\ufff9\ufffa\ufffb',
  'a soft hyphen': '\u00ad',
  'a combining grapheme joiner': '\u034f',
  'Hangul fillers': '\u115f\u1160\u3164\uffa0',
  'a Braille blank': '\u2800\u2800',
  'variation selectors': '\ufe0e\ufe0f\u{e0100}',
  tags: '\u{e0001}\u{e0041}\u{e0042}\u{e007f}',
  'default-ignorable code points without a character': '\u2065\ufff0\u{e0fff}',
  'combining marks': '\u0301\u0316\u20dd',
  'combining marks on a space': ' \u0301\u00a0\u0302',
  'vowel signs': '\u093e\u0bcb',
  'a musical null notehead and format controls': '\u{1d159}\u{1d173}\u{1d17a}',
  'Egyptian hieroglyph blanks': '\u{13441}\u{13442}\u{13430}',
  'an object replacement character': '\ufffc',
  'shorthand format controls': '\u{1bca0}\u{1bca3}',
};

const UNBALANCED: Record<string, string> = {
  'a right-to-left override': 'user\u202egnp.exe',
  'a left-to-right override': 'a\u202db',
  'an embedding': 'a\u202ab\u202bc\u202c',
  'an isolate': 'a\u2067b',
  'two isolates and one end': '\u2066a\u2068b\u2069',
  'the end of an embedding': 'a\u202cb',
  'the end of an isolate': '\u2069a',
  'an end before its beginning': 'a\u202cb\u202e',
  'an embedding that ends as an isolate': '\u202ea\u2069',
  'an isolate that ends as an embedding': '\u2067a\u202c',
  'an isolate and an embedding that overlap': '\u2067a\u202bb\u2069c\u202c',
};

describe('a text is stored, in its composed form, when it is', () => {
  it.for(Object.entries(LEGITIMATE))('%s', async ([, text], { service, createUser }) => {
    const user = await createUser();
    for (const field of FIELDS) {
      expect(await create(service, user, { field, text })).toEqual({ stored: text.normalize('NFC') });
    }
  });

  it('a description with tabs, empty lines and an isolate in each line', async ({ service, createUser }) => {
    const user = await createUser();
    const text = 'First:\n\n\t\u2067שלום\u2069\n\t\u202bשלום\u202c\n';
    for (const field of fieldsOf(true)) expect(await create(service, user, { field, text })).toEqual({ stored: text });
  });
});

describe('a text is rejected, and nothing is stored, when it', () => {
  it.for(Object.entries(BLANK))('shows nothing: %s', async ([, text], { service, db, createUser }) => {
    const user = await createUser();
    const before = await db.snapshot();
    for (const field of FIELDS) {
      const problem = `${field.name} must contain a visible character`;
      expect(await create(service, user, { field, text })).toEqual({ problem });
    }
    expect(await db.snapshot()).toEqual(before);
  });

  it.for(['\n', ' \n\t ', '\n\u200b\n'])(
    'shows nothing in several lines: %j',
    async (text, { service, db, createUser }) => {
      const user = await createUser();
      const before = await db.snapshot();
      for (const field of fieldsOf(true)) {
        const problem = `${field.name} must contain a visible character`;
        expect(await create(service, user, { field, text })).toEqual({ problem });
      }
      expect(await db.snapshot()).toEqual(before);
    },
  );

  const controls = Array.from({ length: 0xa0 }, (_, code) => String.fromCharCode(code)).filter((c) =>
    /\p{Cc}/u.test(c),
  );
  it('contains a control character', { timeout: 120_000 }, async ({ service, db, createUser }) => {
    const user = await createUser();
    const before = await db.snapshot();
    const [line, lines] = [fieldsOf(false), fieldsOf(true)];
    const cases = [...controls, '\u2028', '\u2029'].map((control, i) => {
      const fields = control === '\t' || control === '\n' ? line : i % 2 ? line : lines;
      return { control, field: fields[(i >> 1) % fields.length] as Field };
    });
    for (const { control, field } of cases) {
      const verdict = await create(service, user, { field, text: `a${control}b` });
      expect(verdict, codePoint(control)).toEqual({ problem: `${field.name} must not contain control characters` });
    }
    expect(await db.snapshot()).toEqual(before);
  });

  it.for(Object.entries(UNBALANCED))(
    'leaves text of another direction open: %s',
    async ([, text], { service, db, createUser }) => {
      const user = await createUser();
      const before = await db.snapshot();
      for (const field of FIELDS) {
        const problem = `${field.name} must close each bidirectional embedding, override and isolate in its line`;
        expect(await create(service, user, { field, text })).toEqual({ problem });
      }
      expect(await db.snapshot()).toEqual(before);
    },
  );

  it('closes an isolate in another line', async ({ service, createUser }) => {
    const user = await createUser();
    for (const field of fieldsOf(true)) {
      expect(await create(service, user, { field, text: '\u2067a\nb\u2069' })).toHaveProperty('problem');
    }
  });
});

describe('the description of a goal', () => {
  it('may be empty or null, also in an update, but not blank', async ({ service, createUser }) => {
    const { id, token } = await createUser();
    for (const description of ['', null]) {
      const body = goalBody({ description });
      const created = await service.rest(`/users/${id}/goals`, { token, body });
      expect(created).toMatchObject({ status: 200, body: { description } });
      const input = { id: String(created.body.id), description };
      const updated = await service.graphql(UPDATE, { input }, { token });
      expect(updated.data.update.goal.description).toBe(description);
      for (const blank of [' ', '\n', '\u200b']) {
        const path = `/users/${id}/goals/${created.body.id}`;
        const put = await service.rest(path, { method: 'PUT', token, body: { description: blank } });
        expect(put).toMatchObject({ status: 422, body: { code: 'BAD_USER_INPUT' } });
        const { errors } = await service.graphql(UPDATE, { input: { ...input, description: blank } }, { token });
        expect(errors?.[0].extensions).toMatchObject({ code: 'BAD_USER_INPUT', field: 'description' });
      }
    }
  });
});

describe('both APIs', () => {
  const parts = fc.constantFrom(
    'a',
    ' ',
    'é',
    'e\u0301',
    '👩‍👧',
    '\n',
    '\t',
    '\u0085',
    '\u007f',
    '\u2028',
    '\u200b',
    '\u00ad',
  );
  const controls = fc.constantFrom(
    '\u202a',
    '\u202b',
    '\u202c',
    '\u202d',
    '\u202e',
    '\u2066',
    '\u2067',
    '\u2068',
    '\u2069',
  );
  const mixed = fc.array(fc.oneof(parts, controls), { maxLength: 8 }).map((all) => all.join(''));
  const texts = fc.oneof(
    mixed,
    fc.string({ unit: 'binary', maxLength: 20 }),
    fc.string({ unit: 'grapheme', maxLength: 20 }),
  );

  it('give every text the same verdict, store it composed, and store nothing that they reject', {
    timeout: 120_000,
  }, async ({ serve, db, createUser }) => {
    const service = await serve({ MAX_BADGES_PER_USER: '100000', MAX_GOALS_PER_USER: '100000' });
    const user = await createUser();
    const countRows = async ({ list }: Field) =>
      (await db.rowCounts())[list === 'badges' ? 'badges' : 'learning_goals'];
    const property = fc.asyncProperty(fc.constantFrom(...FIELDS), texts, async (field, text) => {
      const before = Number(await countRows(field));
      const { stored } = await create(service, user, { field, text });
      expect(await countRows(field)).toBe(stored === undefined ? before : before + 2);
      if (stored !== undefined) expect(stored).toBe(text.normalize('NFC'));
    });
    await fc.assert(property, { seed: 14, numRuns: 150 });
  });
});
