import {
  bigint,
  boolean,
  foreignKey,
  integer,
  pgTable,
  primaryKey,
  sql,
  text,
  uniqueIndex,
} from '../driver/drizzle.ts';
import { badgeDefinitions } from './badge-definitions.ts';
import { asciiText, instant } from './columns.ts';

/** The backfills of badge definitions. A replica that runs one holds a lease, which the heartbeat renews. */
export const badgeBackfills = pgTable(
  'badge_backfills',
  {
    id: bigint({ mode: 'number' }).generatedByDefaultAsIdentity({ name: 'badge_backfills_id_seq' }).notNull(),
    definitionKey: asciiText('definition_key').notNull(),
    dryRun: boolean('dry_run').notNull(),
    /** The last user that was examined; users are examined in the order of their ids. */
    lastUserId: text('last_user_id').notNull().default(''),
    usersExamined: integer('users_examined').notNull().default(0),
    badgesAwarded: integer('badges_awarded').notNull().default(0),
    /** The first awards, as a JSON array. */
    samples: text().notNull().default('[]'),
    startedAt: instant('started_at').notNull(),
    finishedAt: instant('finished_at'),
    /** The replica that runs it, and the time at which the replica last reported progress. */
    owner: text(),
    heartbeatAt: instant('heartbeat_at'),
    /** Attempts since the last progress. */
    attempts: integer().notNull().default(0),
  },
  (table) => [
    primaryKey({ name: 'badge_backfills_pkey', columns: [table.id] }),
    foreignKey({
      name: 'badge_backfills_definition_key_fkey',
      columns: [table.definitionKey],
      foreignColumns: [badgeDefinitions.key],
    }),
    uniqueIndex('badge_backfills_definition_key_dry_run_key')
      .on(table.definitionKey, table.dryRun)
      .where(sql`${table.finishedAt} is null`),
  ],
);
