import { glob, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { is } from 'drizzle-orm';
import { getTableConfig, PgTable } from 'drizzle-orm/pg-core';
import { describe, expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '../..');
/** Tables that stay on the coordinator. */
const LOCAL = ['badge_backfills'];

/** Returns the columns of the tables in src/db/schema, by table. */
async function schemaTables(): Promise<Map<string, string[]>> {
  const files = await Array.fromAsync(glob('src/db/schema/*.ts', { cwd: ROOT }));
  const modules = await Promise.all(files.map((file) => import(join(ROOT, file)) as Promise<object>));
  const tables = modules.flatMap((module) => Object.values(module)).filter((value) => is(value, PgTable));
  return new Map(
    tables.map((table) => {
      const { name, columns } = getTableConfig(table);
      return [name, columns.map((column) => column.name)];
    }),
  );
}

describe('the tables that DEPLOYMENT.md distributes with Citus', () => {
  it('are those of users by the id of the user, those of all users as references, and no others', async () => {
    const text = await readFile(join(ROOT, 'docs/DEPLOYMENT.md'), 'utf8');
    const lines = text.split('\n').filter((line) => line.startsWith('select create_'));
    const tables = await schemaTables();
    const expected = Array.from(tables, ([name, columns]) => {
      if (name === 'auth_users') return `select create_distributed_table('auth_users', 'id');`;
      return columns.includes('auth_user_id')
        ? `select create_distributed_table('${name}', 'auth_user_id', colocate_with => 'auth_users');`
        : `select create_reference_table('${name}');`;
    });
    const local = LOCAL.map((name) => `select create_reference_table('${name}');`);
    expect(lines.toSorted()).toEqual(expected.filter((line) => !local.includes(line)).toSorted());
    expect(lines[0]).toContain("'auth_users', 'id'");
    for (const name of LOCAL) expect(text).toContain(`\`${name}\` stays a local table of the coordinator`);
  });
});
