import {
  bigint,
  check,
  foreignKey,
  index,
  integer,
  pgTable,
  primaryKey,
  sql,
  text,
  uniqueIndex,
} from '../driver/drizzle.ts';
import { authUsers } from './auth-users.ts';
import { instant } from './columns.ts';

export const badges = pgTable(
  'badges',
  {
    authUserId: text('auth_user_id').notNull(),
    id: bigint({ mode: 'number' }).generatedByDefaultAsIdentity({ name: 'badges_id_seq' }).notNull(),
    name: text().notNull(),
    description: text().notNull(),
    iconUrl: text('icon_url').notNull(),
    dateAchieved: instant('date_achieved').notNull(),
    source: text({ enum: ['self', 'import', 'rule', 'issuer'] })
      .notNull()
      .default('self'),
    status: text({ enum: ['active', 'revoked'] })
      .notNull()
      .default('active'),
    /** The definition, its version and the award key of a badge that was awarded; null for others. */
    definitionKey: text('definition_key'),
    definitionVersion: integer('definition_version'),
    awardKey: text('award_key'),
    revokedAt: instant('revoked_at'),
    revokedReason: text('revoked_reason'),
  },
  (table) => [
    primaryKey({ name: 'badges_auth_user_id_id_pkey', columns: [table.authUserId, table.id] }),
    foreignKey({ name: 'badges_auth_user_id_fkey', columns: [table.authUserId], foreignColumns: [authUsers.id] }),
    index('badges_id_idx').on(table.id),
    index('badges_auth_user_id_date_achieved_id_idx').on(
      table.authUserId,
      table.dateAchieved.desc().nullsFirst(),
      table.id.desc().nullsFirst(),
    ),
    check('badges_name_check', sql`char_length(${table.name}) between 1 and 100`),
    check('badges_description_check', sql`char_length(${table.description}) between 1 and 500`),
    check('badges_icon_url_check', sql`char_length(${table.iconUrl}) between 1 and 500`),
    check('badges_date_achieved_check', sql`isfinite(${table.dateAchieved})`),
    uniqueIndex('badges_auth_user_id_definition_key_award_key_key')
      .on(table.authUserId, table.definitionKey, table.awardKey)
      .where(sql`${table.definitionKey} is not null`),
    check('badges_source_check', sql`${table.source} in ('self', 'import', 'rule', 'issuer')`),
    check('badges_status_check', sql`${table.status} in ('active', 'revoked')`),
    check(
      'badges_definition_check',
      sql`(${table.source} in ('rule', 'issuer')) = (${table.definitionKey} is not null)
        and num_nulls(${table.definitionKey}, ${table.definitionVersion}, ${table.awardKey}) in (0, 3)`,
    ),
  ],
);
