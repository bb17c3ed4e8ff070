import {
  badgeBody,
  badgeInput,
  describe,
  expect,
  goalBody,
  goalInput,
  it,
  type SignedIn,
} from '../support/fixtures.ts';
import type { HttpClient } from '../support/http-client.ts';
import { expectCpuTime, showsUsage } from '../support/process-usage.ts';

/** Marks in the order that costs NFC most: each pair changes places. */
const marks = (count: number) => `x${'\u0301\u0316'.repeat(count / 2)}`;
/** Maximum CPU time of the service, in milliseconds: NFC of 60,000 marks alone takes more. */
const MAX_CPU_MS = 300;

const CREATE_GOAL = 'mutation ($input: CreateGoalInput!) { createGoal(input: $input) { goal { title description } } }';
const CREATE_BADGE =
  'mutation ($input: CreateBadgeInput!) { createBadge(input: $input) { badge { name description } } }';

/** The request that has this text, for each field of both APIs. */
const REQUESTS: [
  what: string,
  max: number,
  send: (service: HttpClient, user: SignedIn, text: string) => Promise<string[]>,
][] = [
  ['title in REST', 200, (service, user, title) => post(service, user, ['goals', goalBody({ title })])],
  [
    'description of a goal in REST',
    2000,
    (service, user, description) => post(service, user, ['goals', goalBody({ description })]),
  ],
  ['name in REST', 100, (service, user, name) => post(service, user, ['badges', badgeBody({ name })])],
  ['icon in REST', 500, (service, user, text) => post(service, user, ['badges', badgeBody({ icon_url: text })])],
  ['title in GraphQL', 200, (service, user, title) => mutate(service, user, [CREATE_GOAL, goalInput({ title })])],
  [
    'description of a goal in GraphQL',
    2000,
    (service, user, description) => mutate(service, user, [CREATE_GOAL, goalInput({ description })]),
  ],
  ['name in GraphQL', 100, (service, user, name) => mutate(service, user, [CREATE_BADGE, badgeInput({ name })])],
  [
    'description of a badge in GraphQL',
    500,
    (service, user, description) => mutate(service, user, [CREATE_BADGE, badgeInput({ description })]),
  ],
];

/** Returns the messages of the problems; none when the item is created. */
async function post(service: HttpClient, { id, token }: SignedIn, [list, body]: [string, object]): Promise<string[]> {
  const { status, body: answer } = await service.rest(`/users/${id}/${list}`, { token, body });
  if (status === 200) return [];
  expect(status).toBe(422);
  return answer.detail.map(({ msg, type }: { msg: string; type: string }) => {
    if (msg.includes('at most')) expect(type).toBe('string_too_long');
    return msg;
  });
}

async function mutate(
  service: HttpClient,
  { token }: SignedIn,
  [mutation, input]: [string, object],
): Promise<string[]> {
  const { errors = [] } = await service.graphql(mutation, { input }, { token });
  for (const { extensions } of errors) expect(extensions.code).toBe('BAD_USER_INPUT');
  return errors.map(({ message }) => message);
}

describe.runIf(showsUsage)('a text that is too long', () => {
  it.for(REQUESTS)(
    'is rejected before it is normalized: %s',
    async ([, max, send], { serviceProcess: service, db, createUser }) => {
      const user = await createUser();
      const before = await db.snapshot();
      for (const text of [
        marks(60_000),
        marks(450_000),
        marks(4 * max - 2),
        'x'.repeat(500_000),
        '\u1100'.repeat(300_000),
      ]) {
        await expectCpuTime(service.pid, MAX_CPU_MS, async () => {
          expect(await send(service, user, text)).toEqual([
            expect.stringContaining(`must have at most ${max} characters`),
          ]);
        });
      }
      expect(await db.snapshot()).toEqual(before);
    },
  );

  it('is rejected in each of many mutations of an operation', async ({ serviceProcess: service, createUser }) => {
    const { token } = await createUser();
    const fields = Array.from({ length: 100 }, (_, i) => `m${i}: createGoal(input: $input) { goal { id } }`);
    const mutation = `mutation ($input: CreateGoalInput!) { ${fields.join(' ')} }`;
    await expectCpuTime(service.pid, MAX_CPU_MS, async () => {
      const input = goalInput({ description: marks(7996) });
      const { data, errors } = await service.graphql(mutation, { input }, { token });
      expect(errors).not.toBeUndefined();
      expect(Object.values(data ?? {}).filter((value) => value !== null)).toEqual([]);
    });
  });

  it('is rejected among other problems, each named once', async ({ serviceProcess: service, createUser }) => {
    const { id, token } = await createUser();
    const body = { name: marks(60_000), description: '\u200b', icon_url: `/${marks(60_000)}`, extra: 1 };
    const { status, body: answer } = await service.rest(`/users/${id}/badges`, { token, body });
    expect(status).toBe(422);
    expect(answer.detail.map(({ loc }: { loc: string[] }) => loc[1]).sort()).toEqual([
      'description',
      'extra',
      'icon_url',
      'name',
    ]);
  });
});

describe('the length of a text', () => {
  const LONGEST: [what: string, text: string, stored: string][] = [
    ['200 letters, each sent as four code points', '\u03b1\u0313\u0300\u0345'.repeat(200), '\u1f82'.repeat(200)],
    ['200 emoji', '🎯'.repeat(200), '🎯'.repeat(200)],
    ['a letter with 199 marks', `x${'\u0316'.repeat(199)}`, `x${'\u0316'.repeat(199)}`],
    ['a letter that composes with the first of 200 marks', `e${'\u0301'.repeat(200)}`, `\u00e9${'\u0301'.repeat(199)}`],
    ['200 Hangul syllables in decomposed form', '\u1112\u1161\u11ab'.repeat(200), '한'.repeat(200)],
  ];

  it.for(LONGEST)(
    'is counted in code points of the composed form: %s',
    async ([, title, stored], { service, createUser }) => {
      const { id, token } = await createUser();
      const rest = await service.rest(`/users/${id}/goals`, { token, body: { title } });
      expect([rest.status, rest.body.title]).toEqual([200, stored]);
      const { data } = await service.graphql(CREATE_GOAL, { input: { title } }, { token });
      expect(data.createGoal.goal.title).toBe(stored);
      for (const longer of [`${title}x`, `x${title}`]) {
        expect(await service.rest(`/users/${id}/goals`, { token, body: { title: longer } })).toMatchObject({
          status: 422,
          body: { detail: [{ type: 'string_too_long' }] },
        });
      }
    },
  );
});

describe.runIf(showsUsage)('other long input', () => {
  const long = marks(400_000);

  it('is rejected at once: ids, cursors, keys and statuses', async ({ serviceProcess: service, createUser }) => {
    const { id, token } = await createUser();
    const requests: (() => Promise<unknown>)[] = [
      () => service.graphql('query ($id: ID!) { learner(id: $id) { id } }', { id: long }),
      () => service.graphql('query ($id: ID!) { goal(id: $id) { id } }', { id: long }),
      () =>
        service.graphql(
          'query ($after: String) { viewer { goals(after: $after) { id } } }',
          { after: long },
          { token },
        ),
      () =>
        service.graphql('query ($r: [_Any!]!) { _entities(representations: $r) { ... on User { id } } }', {
          r: [{ __typename: 'User', id: long }],
        }),
      () =>
        mutate(service, { id, token } as SignedIn, [CREATE_GOAL, { ...goalInput(), userId: long }]).catch(
          () => undefined,
        ),
      () => mutate(service, { id, token } as SignedIn, [CREATE_GOAL, { ...goalInput(), idempotencyKey: long }]),
      () => mutate(service, { id, token } as SignedIn, [CREATE_GOAL, { ...goalInput(), status: long }]),
      () => service.rest(`/users/${id}/goals`, { token, body: goalBody({ status: long }) }),
    ];
    for (const request of requests) {
      await expectCpuTime(service.pid, MAX_CPU_MS, request);
    }
    expect((await service.rest(`/users/${id}/goals`)).body).toEqual([]);
  });
});
