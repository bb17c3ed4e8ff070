import { readFile } from 'node:fs/promises';
import { isDeepStrictEqual } from 'node:util';
import { generateDrizzleJson } from 'drizzle-kit/api';
import * as schema from '../src/db/schema.ts';

const META = new URL('../drizzle/meta/', import.meta.url);

/** The tables as the migrations leave them, by the snapshot that `npm run db:generate` wrote beside the newest one. */
async function migratedTables(): Promise<object> {
  const { entries } = await readMeta('_journal.json');
  return tablesOf(await readMeta(`${String(entries.length - 1).padStart(4, '0')}_snapshot.json`));
}

async function readMeta(name: string) {
  return JSON.parse(await readFile(new URL(name, META), 'utf8'));
}

/** A snapshot without the ids that differ from run to run. */
function tablesOf(snapshot: object): object {
  return JSON.parse(JSON.stringify({ ...snapshot, id: undefined, prevId: undefined }));
}

if (!isDeepStrictEqual(tablesOf(generateDrizzleJson({ ...schema })), await migratedTables())) {
  console.error('src/db/schema.ts and drizzle/ differ: run npm run db:generate');
  process.exitCode = 1;
}
