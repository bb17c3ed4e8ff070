import { bigint, check, foreignKey, integer, pgTable, primaryKey, smallint, sql, text } from '../driver/drizzle.ts';
import { asciiText, instant } from './columns.ts';

export const badgeDefinitions = pgTable(
  'badge_definitions',
  {
    key: asciiText().notNull(),
    state: text({ enum: ['draft', 'active', 'locked', 'archived'] }).notNull(),
    version: integer().notNull(),
    createdAt: instant('created_at').notNull(),
    updatedAt: instant('updated_at').notNull(),
  },
  (table) => [
    primaryKey({ name: 'badge_definitions_pkey', columns: [table.key] }),
    check('badge_definitions_key_check', sql`${table.key} ~ '^[a-z0-9][a-z0-9-]{1,62}$'`),
    check('badge_definitions_state_check', sql`${table.state} in ('draft', 'active', 'locked', 'archived')`),
    check('badge_definitions_version_check', sql`${table.version} >= 1`),
  ],
);

/** The versions of each definition. Rows are never updated: badges keep the version that they were awarded with. */
export const badgeDefinitionVersions = pgTable(
  'badge_definition_versions',
  {
    key: asciiText().notNull(),
    version: integer().notNull(),
    name: text().notNull(),
    description: text().notNull(),
    iconUrl: text('icon_url').notNull(),
    /** JSON; null for a badge that is only awarded by hand. */
    rule: text(),
    repeat: text({ enum: ['once', 'weekly', 'monthly', 'per-streak'] }).notNull(),
    createdAt: instant('created_at').notNull(),
  },
  (table) => [
    primaryKey({ name: 'badge_definition_versions_pkey', columns: [table.key, table.version] }),
    foreignKey({
      name: 'badge_definition_versions_key_fkey',
      columns: [table.key],
      foreignColumns: [badgeDefinitions.key],
    }),
    check('badge_definition_versions_version_check', sql`${table.version} >= 1`),
    check('badge_definition_versions_name_check', sql`char_length(${table.name}) between 1 and 100`),
    check('badge_definition_versions_description_check', sql`char_length(${table.description}) between 1 and 500`),
    check('badge_definition_versions_icon_url_check', sql`char_length(${table.iconUrl}) between 1 and 500`),
    check('badge_definition_versions_rule_check', sql`char_length(${table.rule}) between 2 and 5000`),
    check(
      'badge_definition_versions_repeat_check',
      sql`${table.repeat} in ('once', 'weekly', 'monthly', 'per-streak')`,
    ),
  ],
);

/**
 * One row, whose revision each change of an active definition sets to a higher number in its transaction. Replicas
 * compare it with that of the definitions which they hold in memory.
 */
export const badgeDefinitionRevision = pgTable(
  'badge_definition_revision',
  {
    id: smallint().notNull().default(1),
    revision: bigint({ mode: 'number' }).notNull(),
  },
  (table) => [
    primaryKey({ name: 'badge_definition_revision_pkey', columns: [table.id] }),
    check('badge_definition_revision_id_check', sql`${table.id} = 1`),
  ],
);
