import type { Db } from './client.ts';
import { sql } from './driver/drizzle.ts';
import { single } from './query/prepared-query.ts';
import { integer, preparedSql } from './query/prepared-sql.ts';
import { badgeDefinitionRevision } from './schema/badge-definitions.ts';

/** The revision of the badge definitions, an expression that any statement can select along with its own result. */
export const currentRevision = sql`(select revision from ${badgeDefinitionRevision})`;

const query = preparedSql({ revision: integer }, sql`select ${currentRevision}`);

/** Returns the revision of the active badge definitions, which each change of one of them increases. */
export async function findRevision(db: Db): Promise<number> {
  return single(await query(db, {})).revision;
}
