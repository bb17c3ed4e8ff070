import { foreignKey, pgTable, primaryKey, text } from '../driver/drizzle.ts';
import { authUsers } from './auth-users.ts';
import { instant } from './columns.ts';

/** The activities by which rules awarded badges, by the award. */
export const badgeEvidence = pgTable(
  'badge_evidence',
  {
    authUserId: text('auth_user_id').notNull(),
    definitionKey: text('definition_key').notNull(),
    awardKey: text('award_key').notNull(),
    decidedAt: instant('decided_at').notNull(),
    /** The newest 200 deciding activities, newest first, as a JSON array of ids. */
    activityIds: text('activity_ids').notNull(),
    /** SHA-256 of the definition's key and version, the award key and the activity ids, in hexadecimal. */
    digest: text().notNull(),
  },
  (table) => [
    primaryKey({
      name: 'badge_evidence_auth_user_id_definition_key_award_key_pkey',
      columns: [table.authUserId, table.definitionKey, table.awardKey],
    }),
    foreignKey({
      name: 'badge_evidence_auth_user_id_fkey',
      columns: [table.authUserId],
      foreignColumns: [authUsers.id],
    }),
  ],
);
