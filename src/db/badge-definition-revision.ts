import { sql } from './driver/drizzle.ts';
import { badgeDefinitionRevision } from './schema/badge-definitions.ts';

/** The revision of the badge definitions, an expression that any statement can select along with its own result. */
export const currentRevision = sql`(select revision from ${badgeDefinitionRevision})`;
