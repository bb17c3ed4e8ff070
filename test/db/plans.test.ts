import type { TransactionSql } from 'postgres';
import type { Service } from '../support/app.ts';
import type { TestDatabase } from '../support/database.ts';
import { badgeInput, it as base, describe, expect, goalInput } from '../support/fixtures.ts';
import { functionalPass } from '../support/functional-pass.ts';
import { trackerPass } from '../support/tracker-pass.ts';
import { planOf, skipWithoutGenericPlans } from './plan.ts';

const ROWS = 1_000_000;
const USERS = 10_000;
const ACTIVITIES = 200_000;
/** Users with activities. */
const ACTIVE_USERS = 1000;
/** Half of the default of `jit_above_cost`. */
const MAX_COST = 50_000;

/**
 * Inserts a million badges and a million goals of 10,000 users, streaks of a tenth of the goals, and 200 activities of
 * each tenth user. The rows of one user are spread over the table.
 */
async function fill({ sql }: TestDatabase): Promise<void> {
  await sql`insert into auth_users (id) select 'user-' || n from generate_series(1, ${USERS}::int) n`;
  await sql.begin(async (tx) => {
    // Skips the foreign key checks of two million rows.
    await tx`set local session_replication_role = replica`;
    await withoutIndexes(tx, ['badges', 'learning_goals', 'activities'], async () => {
      await tx`
        insert into activities (auth_user_id, event_id, verb, object_id, quantity, occurred_at, is_occurred_at_default,
          local_date, time_zone, recorded_at)
        select 'user-' || (1 + n % ${ACTIVE_USERS}::int), 'event-' || n, 'practice', 'object-' || n, 1,
          '2024-01-01'::timestamptz + n * interval '1 minute', false, '2024-01-01', 'UTC', '2024-01-01'
        from generate_series(1, ${ACTIVITIES}::int) n`;
      await tx`
        insert into badges (auth_user_id, name, description, icon_url, date_achieved)
        select 'user-' || (1 + n % ${USERS}::int), 'badge', 'x', '/x', '2024-01-01'::timestamptz + n * interval '1 second'
        from generate_series(1, ${ROWS}::int) n`;
      await tx`
        insert into learning_goals (auth_user_id, title, status, streak_count, created_at, updated_at, target_quantity)
        select 'user-' || (1 + n % ${USERS}::int), 'goal', 'paused', 0, '2024-01-01'::timestamptz + n * interval '1 second', now(), 9
        from generate_series(1, ${ROWS}::int) n`;
    });
    await tx`
      insert into user_time_zones (auth_user_id, effective_from, time_zone)
      select id, '1970-01-01', 'UTC' from auth_users`;
    await tx`
      insert into activity_totals (auth_user_id, series, count, quantity, days, objects)
      select auth_user_id, 'goal:' || id, 1, 1, 1, 0 from learning_goals where id % 10 = 0`;
    await tx`
      insert into streaks (auth_user_id, series, time_zone, checkpoint, forecast)
      select auth_user_id, 'goal:' || id, 'UTC', '{}', '' from learning_goals where id % 10 = 0`;
  });
  await sql`vacuum analyze`;
}

/**
 * Drops the indexes of the tables before the work and creates them after it: faster than an update of each index per
 * row.
 */
async function withoutIndexes(tx: TransactionSql, tables: string[], work: () => Promise<void>): Promise<void> {
  const indexes = await tx<{ drop: string; create: string }[]>`
    select format('alter table %s drop constraint %I', conrelid::regclass, conname) as drop,
      format('alter table %s add constraint %I %s', conrelid::regclass, conname, pg_get_constraintdef(oid)) as create
    from pg_constraint where contype = 'p' and conrelid = any(${tables}::regclass[])
      and not exists (select from pg_constraint f where f.contype = 'f' and f.conindid = pg_constraint.conindid)
    union all
    select format('drop index %s', indexrelid::regclass), pg_get_indexdef(indexrelid)
    from pg_index where indrelid = any(${tables}::regclass[])
      and not exists (select from pg_constraint where conindid = indexrelid)`;
  for (const { drop } of indexes) await tx.unsafe(drop);
  await work();
  await tx`set local maintenance_work_mem = '256MB'`;
  for (const { create } of indexes) await tx.unsafe(create);
}

const it = base.extend('full', { scope: 'file' }, async ({ db, auth, service }) => {
  db.hasSharedRows = true;
  await fill(db);
  auth.add({ id: 'user-7' });
  return { db, service, token: await auth.token('user-7') };
});

const LISTS = 'query ($r: [_Any!]!) { _entities(representations: $r) { ... on User';
const idsOf = (numbers: readonly number[]) => numbers.map((n) => `user-${n}`);
const entities =
  (selection: string, ids = idsOf([7, 8, 9])) =>
  (service: Service) =>
    service.graphql(`${LISTS} ${selection} } }`, { r: ids.map((id) => ({ __typename: 'User', id })) });
/** Users whose goals have activities, so that their streaks are read. */
const ACTIVE_LEARNERS = idsOf([17, 18, 19]);
const mutation = (name: string, input: object) => (service: Service, token: string) =>
  service.graphql(
    `mutation ($input: ${name[0]?.toUpperCase()}${name.slice(1)}Input!) { ${name}(input: $input) { __typename } }`,
    { input },
    { token },
  );

const BADGES_BY_DATE = 'badges_auth_user_id_date_achieved_id_idx';
const GOALS_BY_DATE = 'learning_goals_auth_user_id_created_at_id_idx';

const ONE_GOAL = /learning_goals_(auth_user_id_id_pkey|id_idx)/;

/** The users by their ids, then the page of each. */
const listBy = (index: string) => [/^auth_users_pkey$/, new RegExp(`^${index}$`)];

/** Operations, with the indexes that each query reads. */
const OPERATIONS: Record<
  string,
  {
    before?: (db: TestDatabase) => Promise<unknown>;
    act: (service: Service, token: string) => Promise<unknown>;
    indexes: (RegExp | RegExp[])[];
  }
> = {
  'a REST list': { act: (service) => service.rest('/users/user-7/badges'), indexes: [listBy(BADGES_BY_DATE)] },
  'lists of several users': {
    act: entities('{ badges(first: 10) { id } goals(first: 10) { id } }'),
    indexes: [listBy(BADGES_BY_DATE), listBy(GOALS_BY_DATE)],
  },
  'goals by status': { act: entities('{ goals(status: [PAUSED]) { id } }'), indexes: [listBy(GOALS_BY_DATE)] },
  'streaks of several goals': {
    before: ({ sql }) =>
      sql`update learning_goals set first_activity_on = '2024-01-01' where auth_user_id = any(${ACTIVE_LEARNERS})`,
    act: entities('{ goals(first: 2) { streak { current } } }', ACTIVE_LEARNERS),
    indexes: [listBy(GOALS_BY_DATE), /^streaks_auth_user_id_series_pkey$/],
  },
  'progress of several goals': {
    act: entities('{ goals(first: 2) { progress { quantity } } }'),
    indexes: [
      listBy(GOALS_BY_DATE),
      [/^auth_users_pkey$/, /^activity_totals_auth_user_id_series_pkey$/, /^user_time_zones_/],
    ],
  },
  statistics: {
    act: entities('{ statistics { totalBadges totalGoals } }'),
    indexes: [
      [/auth_users_pkey/, /badges_auth_user/],
      [/auth_users_pkey/, /learning_goals_auth_user/],
    ],
  },
  'a badge by its id': { act: (service) => service.graphql('{ badge(id: "7") { id } }'), indexes: [/badges_id_idx/] },
  'a goal by its id': {
    act: (service) => service.graphql('{ goal(id: "7") { id } }'),
    indexes: [/learning_goals_id_idx/],
  },
  // The first create of a user with unknown counters counts; the insert itself searches no index by a plan.
  'a new badge': {
    before: ({ sql }) => sql`update auth_users set badge_count = null, goal_count = null where id = 'user-7'`,
    act: mutation('createBadge', badgeInput()),
    indexes: [
      [],
      /auth_users_pkey/,
      /auth_users_pkey/,
      [/badges_auth_user/, /learning_goals_auth_user/, /auth_users_pkey/],
      [],
    ],
  },
  'a new goal': { act: mutation('createGoal', goalInput()), indexes: [[]] },
  'an update of a goal': {
    act: (service, token) => mutation('updateGoal', { id: '6', title: crypto.randomUUID() })(service, token),
    indexes: [[ONE_GOAL, /^streaks_auth_user_id_series_pkey$/], ONE_GOAL],
  },
};

describe('with a million badges and a million goals', () => {
  it.for(Object.entries(OPERATIONS))(
    '%s uses an index, without a sort or a sequential scan',
    { timeout: 300_000 },
    async ([, { before, act, indexes }], { full: { db, service, token }, skip }) => {
      await skipWithoutGenericPlans(db, skip);
      await before?.(db);
      service.statements.clear();
      await act(service, token);
      const read = service.statements.filter((text) => !/^insert/.test(text));
      const plans = await Promise.all(read.map((text) => planOf(db, text)));
      expect(plans.map(({ usedIndexes }) => usedIndexes)).toEqual(
        indexes.map((index) => [index].flat().map((name) => expect.stringMatching(name))),
      );
      expect(plans.flatMap(({ nodeTypes }) => nodeTypes)).not.toContain('Sort');
      expect(plans.flatMap(({ nodeTypes }) => nodeTypes)).not.toContain('Seq Scan');
      const products = plans.flatMap(({ searches }) =>
        searches.filter(({ condition }) => / AND .*= ANY|= ANY.* AND /.test(condition)),
      );
      expect(products, 'searches of each item of a list with each other value').toEqual([]);
    },
  );
});

describe('a statement of any operation', () => {
  it('costs too little for JIT compilation and, in a change of tracked data, searches no history', {
    timeout: 300_000,
  }, async ({ full: { db, service }, createUser, auth, skip }) => {
    await skipWithoutGenericPlans(db, skip);
    service.statements.clear();
    await functionalPass(service, await createUser());
    await trackerPass(service, { user: await createUser(), tokenOf: (scope) => auth.token('tracker', { scope }) });
    const statements = [...new Set(service.statements)].filter((text) => !/^(begin|commit|rollback|set)/i.test(text));
    const plans = await Promise.all(statements.map(async (text) => ({ text, ...(await planOf(db, text)) })));
    expect(plans.filter(({ cost }) => cost >= MAX_COST)).toEqual([]);
    const ofChanges = plans.filter(({ text }) => /^\s*with\s+(stored_streaks|changed) as/.test(text));
    expect(ofChanges.length).toBeGreaterThanOrEqual(3);
    for (const { searches } of ofChanges) {
      // An index that is searched by the user alone reads the whole history.
      const histories = searches.filter(
        ({ index, condition }) => /^activities_/.test(index) && !/ AND /.test(condition),
      );
      expect(histories).toEqual([]);
    }
  });
});
