import {
  bigint,
  check,
  customType,
  foreignKey,
  index,
  integer,
  pgTable,
  primaryKey,
  smallint,
  sql,
  text,
} from './drizzle.ts';

/** `timestamptz` as RFC 3339 text in UTC, which `db/decoders.ts` makes of it. */
const instant = customType<{ data: string; driverData: string }>({ dataType: () => 'timestamp with time zone' });

/** References to the auth-service's people, and nothing else about them. Locking a row serialises its person's writes. */
export const authUsers = pgTable(
  'auth_users',
  {
    id: text().notNull(),
    firstSeenAt: instant('first_seen_at').notNull().default(sql`now()`),
  },
  (table) => [
    primaryKey({ name: 'auth_users_pkey', columns: [table.id] }),
    check('auth_users_id_check', sql`${table.id} ~ '^[A-Za-z0-9][A-Za-z0-9._~:|@+-]{0,127}$'`),
  ],
);

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

export const learningGoals = pgTable(
  'learning_goals',
  {
    authUserId: text('auth_user_id').notNull(),
    id: bigint({ mode: 'number' }).generatedByDefaultAsIdentity({ name: 'learning_goals_id_seq' }).notNull(),
    title: text().notNull(),
    description: text(),
    status: text({ enum: ['not-started', 'in-progress', 'paused', 'completed', 'archived'] }).notNull(),
    streakCount: integer('streak_count').notNull(),
    createdAt: instant('created_at').notNull(),
    updatedAt: instant('updated_at').notNull(),
    completedAt: instant('completed_at'),
    version: integer().notNull().default(1),
  },
  (table) => [
    primaryKey({ name: 'learning_goals_auth_user_id_id_pkey', columns: [table.authUserId, table.id] }),
    foreignKey({
      name: 'learning_goals_auth_user_id_fkey',
      columns: [table.authUserId],
      foreignColumns: [authUsers.id],
    }),
    index('learning_goals_id_idx').on(table.id),
    index('learning_goals_auth_user_id_created_at_id_idx').on(
      table.authUserId,
      table.createdAt.desc().nullsFirst(),
      table.id.desc().nullsFirst(),
    ),
    check('learning_goals_title_check', sql`char_length(${table.title}) between 1 and 200`),
    check('learning_goals_description_check', sql`char_length(${table.description}) <= 2000`),
    check(
      'learning_goals_status_check',
      sql`${table.status} in ('not-started', 'in-progress', 'paused', 'completed', 'archived')`,
    ),
    check('learning_goals_streak_count_check', sql`${table.streakCount} >= 0`),
    check(
      'learning_goals_completed_at_check',
      sql`(${table.completedAt} is not null) = (${table.status} = 'completed')`,
    ),
    check('learning_goals_created_at_check', sql`isfinite(${table.createdAt})`),
    check('learning_goals_version_check', sql`${table.version} >= 1`),
  ],
);

/** The first answer to each POST that carried an `Idempotency-Key`, so that a repeated one gets it again. */
export const idempotencyKeys = pgTable(
  'idempotency_keys',
  {
    authUserId: text('auth_user_id').notNull(),
    route: text().notNull(),
    key: text().notNull(),
    requestHash: text('request_hash').notNull(),
    status: smallint().notNull(),
    body: text().notNull(),
    createdAt: instant('created_at').notNull(),
  },
  (table) => [
    primaryKey({
      name: 'idempotency_keys_auth_user_id_route_key_pkey',
      columns: [table.authUserId, table.route, table.key],
    }),
    foreignKey({
      name: 'idempotency_keys_auth_user_id_fkey',
      columns: [table.authUserId],
      foreignColumns: [authUsers.id],
    }),
    index('idempotency_keys_created_at_idx').on(table.createdAt),
    check('idempotency_keys_key_check', sql`char_length(${table.key}) between 1 and 255`),
  ],
);
