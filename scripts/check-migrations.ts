import { readdir, readFile } from 'node:fs/promises';
import { isDeepStrictEqual } from 'node:util';
import { generateDrizzleJson } from 'drizzle-kit/api';

const META = new URL('../drizzle/meta/', import.meta.url);
const SCHEMA = new URL('../src/db/schema/', import.meta.url);

/** Imports the tables of every file of the schema. */
async function importSchema(): Promise<Record<string, unknown>> {
  const modules = await Promise.all((await readdir(SCHEMA)).map((file) => import(new URL(file, SCHEMA).href)));
  return Object.assign({}, ...modules);
}

/** Reads the tables from the snapshot that `npm run db:generate` wrote with the newest migration. */
async function readMigratedTables(): Promise<object> {
  const { entries } = await readMeta('_journal.json');
  return withoutIds(await readMeta(`${String(entries.length - 1).padStart(4, '0')}_snapshot.json`));
}

async function readMeta(name: string) {
  return JSON.parse(await readFile(new URL(name, META), 'utf8'));
}

/** Removes the ids, which differ from run to run, from a snapshot. */
function withoutIds(snapshot: object): object {
  return JSON.parse(JSON.stringify({ ...snapshot, id: undefined, prevId: undefined }));
}

if (!isDeepStrictEqual(withoutIds(generateDrizzleJson(await importSchema())), await readMigratedTables())) {
  console.error('src/db/schema/ does not match the migrations in drizzle/: run "npm run db:generate".');
  process.exitCode = 1;
}
