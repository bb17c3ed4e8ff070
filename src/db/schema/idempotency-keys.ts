import { check, foreignKey, index, pgTable, primaryKey, smallint, sql, text } from '../driver/drizzle.ts';
import { authUsers } from './auth-users.ts';
import { instant } from './columns.ts';

/** The response of each write that carried an idempotency key, which a replay of the key gets again. */
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
