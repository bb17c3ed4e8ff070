import type { Service } from '../support/app.ts';
import { withLongLockTimeout } from '../support/database.ts';
import { badgeBody, it as base, describe, expect, goalBody, type SignedIn } from '../support/fixtures.ts';
import type { RestResponse } from '../support/http-client.ts';
import { countWaiting } from '../support/waiting.ts';

const LISTS = ['badges', 'goals'] as const;
const DEFINE = `mutation($input: CreateBadgeDefinitionInput!) {
  createBadgeDefinition(input: $input) { definition { key } } }`;

interface Create {
  list: (typeof LISTS)[number];
  body: object;
}

const LIMIT = '1';

const it = base
  /** A service whose users may have one badge and one goal. */
  .extend('limited', ({ serve, db }) =>
    serve({ MAX_BADGES_PER_USER: LIMIT, MAX_GOALS_PER_USER: LIMIT, DATABASE_URL: withLongLockTimeout(db.url) }),
  )
  /**
   * Repeats a create while its stored response is absent, and stores that before the repetition can insert. The order
   * is that in which the first request commits after the repetition has searched for the key.
   */
  .extend('repeatDuring', ({ db }) => async (service: Service, user: SignedIn, request: Create) => {
    const first = await create(service, user, request);
    expect(first.status).toBe(200);
    const [stored] = await db.sql`delete from idempotency_keys where auth_user_id = ${user.id} returning *`;
    let repetition: Promise<RestResponse> | undefined;
    await db.sql.begin(async (tx) => {
      await tx`lock table auth_users in access exclusive mode`;
      repetition = create(service, user, request);
      await expect.poll(() => countWaiting(db.sql), { interval: 5 }).toBe(1);
      await tx`insert into idempotency_keys ${tx({ ...stored })}`;
    });
    return { first, repeated: (await repetition) as RestResponse };
  });

const bodyOf = (list: Create['list']) => (list === 'badges' ? badgeBody() : goalBody());

function create(service: Service, { id, token }: SignedIn, { list, body }: Create): Promise<RestResponse> {
  return service.rest(`/users/${id}/${list}`, { token, body, headers: { 'idempotency-key': 'k-1' } });
}

function expectReplay({ first, repeated }: Record<'first' | 'repeated', RestResponse>): void {
  expect({ status: repeated.status, text: repeated.text }).toEqual({ status: 200, text: first.text });
  expect(repeated.headers).toMatchObject({ 'idempotent-replayed': 'true' });
}

const COMPLETED: Create = { list: 'goals', body: goalBody({ status: 'completed' }) };
const CASES: [what: string, request: Create][] = [
  ['a badge', { list: 'badges', body: badgeBody() }],
  ['a goal', { list: 'goals', body: goalBody() }],
  ['a completed goal', COMPLETED],
];

describe('a repetition of the create that reaches the limit', () => {
  it.for(CASES)(
    'is replayed also when the first request commits after its search for the key: %s',
    async ([, request], { limited, repeatDuring, createUser }) => {
      expectReplay(await repeatDuring(limited, await createUser(), request));
    },
  );

  it.for(LISTS)(
    'is never rejected by the limit, however many there are at once: %s',
    async (list, { limited, createUser }) => {
      const user = await createUser();
      const request = { list, body: bodyOf(list) };
      const repetitions = await Promise.all(Array.from({ length: 50 }, () => create(limited, user, request)));
      const codes = new Set(repetitions.map(({ body }) => body.code));
      expect([...codes].filter((code) => code !== undefined && code !== 'IDEMPOTENCY_IN_FLIGHT')).toEqual([]);
      expect(new Set(repetitions.map(({ body }) => body.id).filter((id) => id !== undefined)).size).toBe(1);
    },
  );
});

describe('while a rule counts goals, the repetition of a completed goal', () => {
  it('is replayed when the first request commits after its search for the key, at the limit and below', async ({
    limited,
    service,
    repeatDuring,
    createUser,
    auth,
  }) => {
    const words = { key: 'finisher', name: 'Finisher', description: 'Reached goals', iconUrl: '/x.svg' };
    const input = { ...words, state: 'ACTIVE', rule: { goalsCompleted: { gte: 1 } } };
    const token = await auth.token('manager', { scope: 'badges:manage' });
    expect((await service.graphql(DEFINE, { input }, { token })).errors).toBeUndefined();
    for (const each of [limited, service]) {
      const user = await createUser();
      expectReplay(await repeatDuring(each, user, COMPLETED));
      expect((await service.rest(`/users/${user.id}/badges`)).body).toMatchObject([{ name: 'Finisher' }]);
    }
  });
});
