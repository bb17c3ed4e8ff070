import type { TestDatabase } from '../support/database.ts';
import { describe, expect } from '../support/fixtures.ts';
import { it, runSuccessfully, sample } from './support/cutover.ts';

const REASON = 'kept, but the current API rejects such values';

/** Texts of one line that the API rejects. In descriptions, a tab and a line feed are valid. */
const REJECTED = {
  'C0 control characters': ['\u0001', 'a\u001f', 'a\rb'],
  'DEL and C1': ['a\u007f', '\u0080b', 'a\u009f'],
  separators: ['a\u2028b', '\u2029'],
  'no visible character': [' ', '\u00a0', '\u200b', '\u3164', '\u2800', '\u0301'],
  'open bidirectional controls': ['\u202ea', 'a\u2066', 'a\u2069', '\u202aa\u2069'],
};
const ALL_REJECTED = Object.values(REJECTED).flat();
const VALID = ['a', '~', 'Ünï', '日本', '👩‍🚀', 'e\u0301', '\u200fא', '\u2067א\u2069', '  a'];
const ICONS = {
  rejected: [
    'javascript:x',
    '//host/x',
    'x.png',
    '/a b',
    '/a\\b',
    '/a\u0001',
    '/\u00a0',
    'http://',
    'https://1.2.3.4.5/',
  ],
  valid: ['/', '/x.png', '/icons/é.svg', 'https://example.com/x', 'HTTP://example.com', '/%20?a=1#b'],
};

async function warningsOf(db: TestDatabase): Promise<Record<string, number>> {
  const { warnings } = JSON.parse(await runSuccessfully(db, 'inspect --json'));
  const rejected = warnings.filter(({ reason }: { reason: string }) => reason === REASON);
  return Object.fromEntries(rejected.map(({ subject, rows }: { subject: string; rows: number }) => [subject, rows]));
}

async function addRows({ sql }: TestDatabase, table: string, rows: object[]): Promise<void> {
  await sql`insert into ${sql(table)} ${sql(rows.map((row) => ({ owner_id: 1, ...row })) as never[])}`;
}

describe('inspect', () => {
  it('counts no text of a database without such texts', async ({ createDatabase }) => {
    const db = await createDatabase(sample('a'));
    await addRows(db, 'badges', [
      ...VALID.map((text) => ({ name: text, description: `${text}\n\t`, icon_url: '/x' })),
      ...ICONS.valid.map((icon_url) => ({ name: 'a', description: 'a', icon_url })),
    ]);
    await addRows(db, 'learning_goals', [
      ...VALID.map((text) => ({ title: text, description: `\n${text}`, status: 'paused' })),
      { title: 'a', description: '', status: 'paused' },
      { title: 'a', description: null, status: 'paused' },
    ]);
    expect(await warningsOf(db)).toEqual({});
  });

  it.for(Object.entries(REJECTED))('counts the texts with %s, by column', async ([, texts], { createDatabase }) => {
    const db = await createDatabase(sample('a'));
    const first = texts.slice(0, 1);
    await addRows(db, 'badges', [
      ...texts.map((name) => ({ name, description: 'a', icon_url: '/x' })),
      ...first.map((description) => ({ name: 'a', description, icon_url: '/x' })),
    ]);
    await addRows(db, 'learning_goals', [
      ...first.map((title) => ({ title, description: null, status: 'paused' })),
      ...texts.map((description) => ({ title: 'a', description, status: 'paused' })),
    ]);
    expect(await warningsOf(db)).toEqual({
      'badges.name': texts.length,
      'badges.description': 1,
      'learning_goals.title': 1,
      'learning_goals.description': texts.length,
    });
  });

  it('counts icons that are no icon URL, and those with control characters', async ({ createDatabase }) => {
    const db = await createDatabase(sample('a'));
    await addRows(
      db,
      'badges',
      ICONS.rejected.map((icon_url) => ({ name: 'a', description: 'a', icon_url })),
    );
    expect(await warningsOf(db)).toEqual({ 'badges.icon_url': ICONS.rejected.length });
  });

  it('counts each column of each row of a large table, orphans left out', async ({ createDatabase }) => {
    const db = await createDatabase(
      sample('a'),
      `insert into badges (name, description, icon_url, owner_id)
        select E'a\\rb', E'a\\rb', 'x', case when n % 10 > 0 then 1 end from generate_series(1, 3000) n`,
    );
    expect(await warningsOf(db)).toEqual({
      'badges.name': 2700,
      'badges.description': 2700,
      'badges.icon_url': 2700,
    });
  });

  it('counts the texts as they are after the migration, and these are the ones that the API rejects', async ({
    createDatabase,
    serve,
    auth,
  }) => {
    const db = await createDatabase(sample('a'), 'truncate badges, learning_goals');
    const titles = [
      ...VALID,
      ...ALL_REJECTED,
      '',
      `${'a'.repeat(200)}\r`,
      `${'a'.repeat(199)}\r`,
      '\u0958'.repeat(200),
    ];
    await addRows(
      db,
      'learning_goals',
      titles.map((title, i) => ({ id: i + 1, title, status: 'paused' })),
    );
    const counted = await warningsOf(db);
    await runSuccessfully(db, 'migrate');
    const service = await serve({ DATABASE_URL: db.url });
    const token = await auth.token('1');
    const goals = (await service.rest('/users/1/goals')).body as { title: string }[];
    expect(goals).toHaveLength(titles.length);
    let rejected = 0;
    for (const { title } of goals) {
      const { status } = await service.rest('/users/1/goals', { token, body: { title } });
      if (status !== 200) rejected++;
    }
    expect(counted).toEqual({ 'learning_goals.title': rejected });
    expect(rejected).toBe(ALL_REJECTED.length + 2);
  });
});
