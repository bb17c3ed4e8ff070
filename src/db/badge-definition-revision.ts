import type { Db } from './client.ts';
import { sql } from './driver/drizzle.ts';
import { preparedQuery, rawQuery, single } from './query/prepared-query.ts';
import { badgeDefinitionRevision } from './schema/badge-definitions.ts';

/** The revision of the badge definitions, an expression that any statement can select along with its own result. */
export const currentRevision = sql<number>`(select revision from ${badgeDefinitionRevision})`.mapWith(Number);

const query = preparedQuery({ revision: currentRevision }, (db) => rawQuery(db, sql`select ${currentRevision}`));

/** Returns the revision of the badge definitions, which each change of a definition increases. */
export async function readRevision(db: Db): Promise<number> {
  return single(await query(db, {})).revision;
}
