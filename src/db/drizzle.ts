import { createRequire } from 'node:module';
import type * as Orm from 'drizzle-orm';
import type * as Migrator from 'drizzle-orm/migrator';
import type * as Pg from 'drizzle-orm/pg-core';
import type * as Driver from 'drizzle-orm/postgres-js';

// NOTE: drizzle-kit reads the schema as CommonJS, where import.meta has no url
const load = createRequire(import.meta.url ?? __filename);

/**
 * drizzle's CommonJS build, for its ES modules re-export one another in circles: Node takes 0.4 s and 200 MB more to
 * link them. Values come from here; types can be imported from the package itself, for they cost nothing.
 */
export const { and, Column, desc, DrizzleQueryError, eq, fillPlaceholders, getTableName, is, lt, sql } = load(
  'drizzle-orm',
) as typeof Orm;
export const {
  bigint,
  check,
  customType,
  foreignKey,
  index,
  integer,
  PgTransaction,
  pgTable,
  primaryKey,
  smallint,
  text,
} = load('drizzle-orm/pg-core') as typeof Pg;
export const { drizzle } = load('drizzle-orm/postgres-js') as typeof Driver;
export const { readMigrationFiles } = load('drizzle-orm/migrator') as typeof Migrator;
