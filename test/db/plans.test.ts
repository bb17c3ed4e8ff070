import type { Service } from '../support/app.ts';
import type { TestDatabase } from '../support/database.ts';
import { badgeInput, it as base, describe, expect, goalInput } from '../support/fixtures.ts';

const ROWS = 1_000_000;
const USERS = 10_000;
const GENERIC_PLANS_SINCE = 16_00_00;

/** Inserts a million badges and a million goals of 10,000 users. The rows of one user are spread over the table. */
async function fill({ sql }: TestDatabase): Promise<void> {
  await sql`insert into auth_users (id) select 'user-' || n from generate_series(1, ${USERS}::int) n`;
  await sql.begin(async (tx) => {
    // Skips the foreign key checks of two million rows.
    await tx`set local session_replication_role = replica`;
    await tx`
      insert into badges (auth_user_id, name, description, icon_url, date_achieved)
      select 'user-' || (1 + n % ${USERS}::int), 'badge', 'x', '/x', '2024-01-01'::timestamptz + n * interval '1 second'
      from generate_series(1, ${ROWS}::int) n`;
    await tx`
      insert into learning_goals (auth_user_id, title, status, streak_count, created_at, updated_at)
      select 'user-' || (1 + n % ${USERS}::int), 'goal', 'paused', 0, '2024-01-01'::timestamptz + n * interval '1 second', now()
      from generate_series(1, ${ROWS}::int) n`;
  });
  await sql`vacuum analyze`;
}

const it = base.extend('full', { scope: 'file' }, async ({ db, auth, service }) => {
  await fill(db);
  auth.add({ id: 'user-7' });
  return { db, service, token: await auth.token('user-7') };
});

const LISTS = 'query ($r: [_Any!]!) { _entities(representations: $r) { ... on User';
const references = { r: [7, 8, 9].map((n) => ({ __typename: 'User', id: `user-${n}` })) };
const entities = (selection: string) => (service: Service) => service.graphql(`${LISTS} ${selection} } }`, references);
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
  { act: (service: Service, token: string) => Promise<unknown>; indexes: (RegExp | RegExp[])[] }
> = {
  'a REST list': { act: (service) => service.rest('/users/user-7/badges'), indexes: [listBy(BADGES_BY_DATE)] },
  'lists of several users': {
    act: entities('{ badges(first: 10) { id } goals(first: 10) { id } }'),
    indexes: [listBy(BADGES_BY_DATE), listBy(GOALS_BY_DATE)],
  },
  'goals by status': { act: entities('{ goals(status: [PAUSED]) { id } }'), indexes: [listBy(GOALS_BY_DATE)] },
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
    act: mutation('updateGoal', { id: '6', title: 'another' }),
    indexes: [ONE_GOAL, ONE_GOAL],
  },
};

describe('with a million badges and a million goals', () => {
  it.for(Object.entries(OPERATIONS))(
    '%s uses an index, without a sort or a sequential scan',
    { timeout: 120_000 },
    async ([, { act, indexes }], { full: { db, service, token }, skip }) => {
      const [version] = await db.sql`select current_setting('server_version_num')::int as number`;
      if (version?.number < GENERIC_PLANS_SINCE) skip('this PostgreSQL has no EXPLAIN (GENERIC_PLAN)');
      service.statements.clear();
      await act(service, token);
      const read = service.statements.filter((text) => !/^insert/.test(text));
      const plans = await Promise.all(read.map((text) => planOf(db, text)));
      expect(plans.map(({ usedIndexes }) => usedIndexes)).toEqual(
        indexes.map((index) => [index].flat().map((name) => expect.stringMatching(name))),
      );
      expect(plans.flatMap(({ nodeTypes }) => nodeTypes)).not.toContain('Sort');
      expect(plans.flatMap(({ nodeTypes }) => nodeTypes)).not.toContain('Seq Scan');
    },
  );
});

interface PlanNode {
  'Node Type': string;
  'Index Name'?: string;
  Plans?: PlanNode[];
}

/** Returns the node types and indexes of the generic plan of a statement, which is the plan that the service uses. */
async function planOf({ sql }: TestDatabase, text: string): Promise<{ nodeTypes: string[]; usedIndexes: string[] }> {
  const [row] = await sql.unsafe(`explain (generic_plan, format json) ${text}`);
  const nodes: PlanNode[] = [];
  const walk = (node: PlanNode) => {
    nodes.push(node);
    node.Plans?.forEach(walk);
  };
  walk(row?.['QUERY PLAN'][0].Plan);
  return {
    nodeTypes: nodes.map((node) => node['Node Type']),
    usedIndexes: nodes.flatMap((node) => node['Index Name'] ?? []),
  };
}
