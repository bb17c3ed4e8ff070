import type { Service } from '../support/app.ts';
import type { TestDatabase } from '../support/database.ts';
import { badgeInput, it as base, describe, expect, goalInput } from '../support/fixtures.ts';

const ROWS = 1_000_000;
const PEOPLE = 10_000;
const GENERIC_PLANS_SINCE = 16_00_00;

/** A million badges and as many goals, of ten thousand people; every person's row lies far from their others. */
async function fill({ sql }: TestDatabase): Promise<void> {
  await sql`insert into auth_users (id) select 'person-' || n from generate_series(1, ${PEOPLE}::int) n`;
  await sql.begin(async (tx) => {
    // Spares the look-up of two million owners.
    await tx`set local session_replication_role = replica`;
    await tx`
      insert into badges (auth_user_id, name, description, icon_url, date_achieved)
      select 'person-' || (1 + n % ${PEOPLE}::int), 'badge', 'x', '/x', '2024-01-01'::timestamptz + n * interval '1 second'
      from generate_series(1, ${ROWS}::int) n`;
    await tx`
      insert into learning_goals (auth_user_id, title, status, streak_count, created_at, updated_at)
      select 'person-' || (1 + n % ${PEOPLE}::int), 'goal', 'paused', 0, '2024-01-01'::timestamptz + n * interval '1 second', now()
      from generate_series(1, ${ROWS}::int) n`;
  });
  await sql`vacuum analyze`;
}

const it = base.extend('full', { scope: 'file' }, async ({ db, auth, service }) => {
  await fill(db);
  auth.add({ id: 'person-7' });
  return { db, service, token: await auth.token('person-7') };
});

const LISTS = 'query ($r: [_Any!]!) { _entities(representations: $r) { ... on User';
const references = { r: [7, 8, 9].map((n) => ({ __typename: 'User', id: `person-${n}` })) };
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

/** What is asked, and the index by which each table is read for it. */
const READS: Record<string, { act: (service: Service, token: string) => Promise<unknown>; indexes: RegExp[] }> = {
  'a list in REST': { act: (service) => service.rest('/users/person-7/badges'), indexes: [new RegExp(BADGES_BY_DATE)] },
  'lists of several people': {
    act: entities('{ badges(first: 10) { id } goals(first: 10) { id } }'),
    indexes: [new RegExp(BADGES_BY_DATE), new RegExp(GOALS_BY_DATE)],
  },
  'goals in some states': { act: entities('{ goals(status: [PAUSED]) { id } }'), indexes: [new RegExp(GOALS_BY_DATE)] },
  totals: {
    act: entities('{ statistics { totalBadges totalGoals } }'),
    indexes: [/badges_auth_user/, /learning_goals_auth_user/],
  },
  'a badge by its id': { act: (service) => service.graphql('{ badge(id: "7") { id } }'), indexes: [/badges_id_idx/] },
  'a goal by its id': {
    act: (service) => service.graphql('{ goal(id: "7") { id } }'),
    indexes: [/learning_goals_id_idx/],
  },
  'a new badge': { act: mutation('createBadge', badgeInput()), indexes: [/auth_users_pkey/, /badges_auth_user/] },
  'a new goal': { act: mutation('createGoal', goalInput()), indexes: [/auth_users_pkey/, /learning_goals_auth_user/] },
  'a change of a goal': {
    act: mutation('updateGoal', { id: '6', title: 'another' }),
    indexes: [ONE_GOAL, ONE_GOAL],
  },
};

describe('among a million badges and a million goals', () => {
  it.for(Object.entries(READS))(
    '%s is found by an index, in its order',
    { timeout: 120_000 },
    async ([, { act, indexes }], { full: { db, service, token }, skip }) => {
      const [version] = await db.sql`select current_setting('server_version_num')::int as number`;
      if (version?.number < GENERIC_PLANS_SINCE) skip('this PostgreSQL tells no generic plans');
      service.statements.clear();
      await act(service, token);
      const read = service.statements.filter((text) => !/^insert/.test(text));
      const plans = await Promise.all(read.map((text) => planOf(db, text)));
      expect(plans.map(({ found }) => found)).toEqual(indexes.map((index) => [expect.stringMatching(index)]));
      expect(plans.flatMap(({ kinds }) => kinds)).not.toContain('Sort');
      expect(plans.flatMap(({ kinds }) => kinds)).not.toContain('Seq Scan');
    },
  );
});

interface PlanNode {
  'Node Type': string;
  'Index Name'?: string;
  Plans?: PlanNode[];
}

/** The kinds of nodes in a statement's generic plan, which is the one that the service uses, and the indexes in it. */
async function planOf({ sql }: TestDatabase, text: string): Promise<{ kinds: string[]; found: string[] }> {
  const [row] = await sql.unsafe(`explain (generic_plan, format json) ${text}`);
  const nodes: PlanNode[] = [];
  const walk = (node: PlanNode) => {
    nodes.push(node);
    node.Plans?.forEach(walk);
  };
  walk(row?.['QUERY PLAN'][0].Plan);
  return {
    kinds: nodes.map((node) => node['Node Type']),
    found: nodes.flatMap((node) => node['Index Name'] ?? []),
  };
}
