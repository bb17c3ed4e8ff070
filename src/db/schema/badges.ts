import { bigint, check, foreignKey, index, pgTable, primaryKey, sql, text } from '../driver/drizzle.ts';
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
    source: text().notNull().default('self'),
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
    check('badges_source_check', sql`${table.source} in ('self', 'import')`),
  ],
);
