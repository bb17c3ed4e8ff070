import type { TestDatabase } from '../support/database.ts';

const GENERIC_PLANS_SINCE = 16_00_00;

/** Skips a test on servers that plan no statement without its values. */
export async function skipWithoutGenericPlans({ sql }: TestDatabase, skip: (reason: string) => void): Promise<void> {
  const [version] = await sql`select current_setting('server_version_num')::int as number`;
  if (version?.number < GENERIC_PLANS_SINCE) skip('this PostgreSQL has no EXPLAIN (GENERIC_PLAN)');
}

interface PlanNode {
  'Total Cost': number;
  'Node Type': string;
  'Index Name'?: string;
  'Index Cond'?: string;
  'Relation Name'?: string;
  Filter?: string;
  Plans?: PlanNode[];
}

export interface Plan {
  cost: number;
  nodeTypes: string[];
  usedIndexes: string[];
  searches: { index: string; condition: string }[];
  /** The conditions that are evaluated for each row that is read of a table. */
  filters: string[];
}

/** Returns the generic plan of a statement, which is the plan that the service uses. */
export async function planOf({ sql }: TestDatabase, text: string): Promise<Plan> {
  const [row] = await sql.unsafe(`explain (generic_plan, format json) ${text}`);
  const nodes: PlanNode[] = [];
  const walk = (node: PlanNode) => {
    nodes.push(node);
    node.Plans?.forEach(walk);
  };
  walk(row?.['QUERY PLAN'][0].Plan);
  return {
    cost: nodes[0]?.['Total Cost'] ?? 0,
    nodeTypes: nodes.map((node) => node['Node Type']),
    usedIndexes: nodes.flatMap((node) => node['Index Name'] ?? []),
    searches: nodes.flatMap((node) => {
      const [index, condition = ''] = [node['Index Name'], node['Index Cond']];
      return index === undefined ? [] : { index, condition };
    }),
    filters: nodes.flatMap((node) => (node['Relation Name'] === undefined ? [] : (node.Filter ?? []))),
  };
}
