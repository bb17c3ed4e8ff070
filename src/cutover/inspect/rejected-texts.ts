import { badgeProblems } from '../../features/badges/badge.ts';
import { goalProblems } from '../../features/goals/goal.ts';
import { classifiedRows, type RowCount } from '../transform/classified-rows.ts';
import { transformedValue } from '../transform/transformed-values.ts';
import type { OwnedTable, V1Database } from '../v1/layout.ts';

type Row = Record<string, string | null>;

interface Texts {
  /** The columns by the fields of the API. */
  columns: Readonly<Record<string, string>>;
  /** Returns the problems of the texts of a row by the rules of the API. */
  problemsOf: (row: Row) => { field: string }[];
}

const TEXTS: Record<OwnedTable, Texts> = {
  badges: { columns: { name: 'name', description: 'description', iconUrl: 'icon_url' }, problemsOf: badgeProblems },
  learning_goals: { columns: { title: 'title', description: 'description' }, problemsOf: goalProblems },
};

/** Texts that no rule rejects, so that their rows need not be read: printable ASCII, and of icons the plain paths. */
const PLAIN_TEXT = String.raw`^[\x21-\x7e][\x20-\x7e]*$`;
const PLAIN_ICON = '^/[0-9A-Za-z_][0-9A-Za-z_./-]*$';

/** The rows that are in memory at the same time. */
const BATCH_ROWS = 1000;

/**
 * Counts the texts that are kept although the API rejects them, by column. The rules are those of the API itself, which
 * read the rows.
 */
export async function countRejectedTexts(v1: V1Database, table: OwnedTable): Promise<RowCount[]> {
  const { sql } = v1;
  const { columns, problemsOf } = TEXTS[table];
  const texts = Object.entries(columns).map(([field, column]) => {
    const value = transformedValue(v1, { table, column });
    const pattern = column === 'icon_url' ? PLAIN_ICON : PLAIN_TEXT;
    return { selected: sql`${value} as ${sql(field)}`, isDoubtful: sql`not ${value} ~ ${pattern}::text` };
  });
  const selected = texts.map((text) => text.selected).reduce((left, right) => sql`${left}, ${right}`);
  const isDoubtful = texts.map((text) => text.isDoubtful).reduce((left, right) => sql`${left} or ${right}`);
  const rows = sql<Row[]>`
    select ${selected} from ${classifiedRows(v1, table)} where o.orphan_reason is null and (${isDoubtful})`;
  const counts = new Map(Object.keys(columns).map((field) => [field, 0]));
  for await (const batch of rows.cursor(BATCH_ROWS)) {
    for (const { field } of batch.flatMap(problemsOf)) counts.set(field, (counts.get(field) ?? 0) + 1);
  }
  return [...counts].map(([field, count]) => ({
    subject: `${table}.${columns[field]}`,
    reason: 'kept, but the current API rejects such values',
    rows: count,
  }));
}
