import { createRequire } from 'node:module';
import type * as Orm from 'drizzle-orm';
import type * as Migrator from 'drizzle-orm/migrator';
import type * as Pg from 'drizzle-orm/pg-core';
import type * as Driver from 'drizzle-orm/postgres-js';

// NOTE: drizzle-kit loads the schema as CommonJS, where import.meta.url is undefined
const require = createRequire(import.meta.url ?? __filename);

/**
 * drizzle's CommonJS build: linking its ES modules, which re-export one another in cycles, costs start-up time and
 * memory (docs/decisions/0009). Import values from here; type imports from the package cost nothing.
 */
export const { and, Column, desc, DrizzleQueryError, eq, fillPlaceholders, getTableName, is, lt, Placeholder, sql } =
  require('drizzle-orm') as typeof Orm;
export const {
  bigint,
  boolean,
  check,
  customType,
  date,
  foreignKey,
  index,
  integer,
  PgTransaction,
  pgTable,
  primaryKey,
  smallint,
  text,
  uniqueIndex,
} = require('drizzle-orm/pg-core') as typeof Pg;
export const { drizzle } = require('drizzle-orm/postgres-js') as typeof Driver;
export const { readMigrationFiles } = require('drizzle-orm/migrator') as typeof Migrator;
