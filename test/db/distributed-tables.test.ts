import { glob, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { is } from 'drizzle-orm';
import { getTableConfig, PgTable } from 'drizzle-orm/pg-core';
import type { Sql } from 'postgres';
import { describe, expect, it } from '../support/fixtures.ts';

const ROOT = join(import.meta.dirname, '../..');
/** Tables that stay on the coordinator. */
const LOCAL = ['badge_backfills'];
/** Record the calls, in a server without Citus. */
const FUNCTIONS = [
  'create table if not exists citus_calls (id int generated always as identity, name text, kind text)',
  `create or replace function create_distributed_table(name regclass, distribution_column text, colocate_with text default 'default')
    returns void language sql as
    $$ insert into citus_calls (name, kind) values (name::text, distribution_column || ' with ' || colocate_with) $$`,
  `create or replace function create_reference_table(name regclass) returns void language sql as
    $$ insert into citus_calls (name, kind) values (name::text, 'reference') $$`,
];

interface SchemaTable {
  columns: string[];
  /** The tables to which its foreign keys lead. */
  references: string[];
}

/** Returns the tables in src/db/schema, by name. */
async function schemaTables(): Promise<Map<string, SchemaTable>> {
  const files = await Array.fromAsync(glob('src/db/schema/*.ts', { cwd: ROOT }));
  const modules = await Promise.all(files.map((file) => import(join(ROOT, file)) as Promise<object>));
  const tables = modules.flatMap((module) => Object.values(module)).filter((value) => is(value, PgTable));
  return new Map(
    tables.map((table) => {
      const { name, columns, foreignKeys } = getTableConfig(table);
      const references = foreignKeys.map((key) => getTableConfig(key.reference().foreignTable).name);
      return [name, { columns: columns.map((column) => column.name), references }];
    }),
  );
}

/** Runs a script as psql does: `\gexec` runs each statement that the query before it returns. */
async function runScript(sql: Sql, script: string): Promise<void> {
  for (const [, query = '', end] of script.matchAll(/([\s\S]+?)(;|\\gexec)\n/g)) {
    const rows = await sql.unsafe(query);
    if (end === ';') continue;
    for (const statement of rows.flatMap((row) => Object.values(row))) await sql.unsafe(statement);
  }
}

describe('the tables that DEPLOYMENT.md distributes with Citus', () => {
  it('are those of users by the id of the user, those of all users as references, and no others', async ({ db }) => {
    const text = await readFile(join(ROOT, 'docs/DEPLOYMENT.md'), 'utf8');
    const [, script = ''] = /```sql\n(select create_distributed_table[\s\S]*?)```/.exec(text) ?? [];
    const tables = await schemaTables();
    for (const statement of FUNCTIONS) await db.sql.unsafe(statement);
    await runScript(db.sql, script);
    const calls = await db.sql<{ name: string; kind: string }[]>`select name, kind from citus_calls order by id`;

    const expected = Array.from(tables, ([name, { columns }]) => {
      if (name === 'auth_users') return { name, kind: 'id with default' };
      return { name, kind: columns.includes('auth_user_id') ? 'auth_user_id with auth_users' : 'reference' };
    });
    const distributed = expected.filter(({ name }) => !LOCAL.includes(name));
    expect([...calls].sort((a, b) => a.name.localeCompare(b.name))).toEqual(
      distributed.sort((a, b) => a.name.localeCompare(b.name)),
    );
    // Citus rejects a foreign key to a table that is not yet distributed.
    const names = calls.map(({ name }) => name);
    const early = names.filter((name, i) =>
      tables.get(name)?.references.some((other) => !names.slice(0, i + 1).includes(other)),
    );
    expect(early).toEqual([]);
    for (const name of LOCAL) expect(text).toContain(`\`${name}\` stays a local table of the coordinator`);
  });
});
