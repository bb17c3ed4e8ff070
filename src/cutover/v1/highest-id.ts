import type { Sql } from '../../db/admin-connection.ts';
import { listSequences } from '../postgres/dependencies.ts';
import { OWNED_TABLES, type OwnedTable } from './layout.ts';

/** The API accepts no higher id, because JSON numbers above it are not exact. */
const MAX_ID = BigInt(Number.MAX_SAFE_INTEGER);

/**
 * Returns the highest id of an existing or deleted row, from the table in `public` and those of its sequences that the
 * role may read. Returns '0' for none.
 */
export async function findHighestId(sql: Sql, table: OwnedTable): Promise<string> {
  const sequences = await listSequences(sql, { schema: 'public', tables: [table] });
  const [row] = await sql<{ id: string }[]>`
    select greatest(0, (select max(id) from public.${sql(table)}), (
      select max(last_value) from pg_catalog.pg_sequences
      where schemaname = 'public' and sequencename in ${sql(sequences)}))::text as id`;
  return row?.id ?? '0';
}

/** Lists the tables whose ids leave no id for new rows. */
export async function listIdProblems(sql: Sql): Promise<string[]> {
  const problems: string[] = [];
  for (const table of OWNED_TABLES) {
    const id = await findHighestId(sql, table);
    if (BigInt(id) < MAX_ID) continue;
    problems.push(
      `the highest id of ${table} is ${id}, expected less than ${MAX_ID}, the maximum of the API: ` +
        'no id is left for new rows; change or delete the rows with such ids, and set the sequence to a lower value',
    );
  }
  return problems;
}
