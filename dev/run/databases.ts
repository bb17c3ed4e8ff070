import { realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { saySorry } from '../lib/say.ts';
import { removeHome } from '../postgres/home.ts';
import { clearLeftover } from '../postgres/leftover.ts';
import { type Postgres, startPostgres } from '../postgres.ts';
import { KEPT, PORTS } from './addresses.ts';
import type { Part } from './part.ts';
import { Problem } from './problem.ts';
import type { Stack } from './stack.ts';

const DATA = fileURLToPath(new URL('postgres', KEPT));
const AUTH_SCHEMA = 'auth_service';

/** Where each service keeps its data. */
export interface Databases {
  users: string;
  auth: string;
}

/** PostgreSQL of our own, or the one that `given` (DATABASE_URL) names. */
export function openDatabases(stack: Stack, given: string | undefined): Promise<Databases> {
  return given ? openGiven(given) : openEmbedded(stack);
}

/** Only what we keep ourselves: data in a server of the developer's own is not ours to delete. */
export const forgetData = (): Promise<void> => removeHome(DATA);

/** Frees the data and the port of a server that a killed run has left alive. */
export async function endLeftover(): Promise<void> {
  const home = await realpath(DATA).catch(() => null);
  if (home) await clearLeftover(join(home, 'data'));
}

async function openEmbedded(stack: Stack): Promise<Databases> {
  // Errors are the services' to report; a unique key that says no is one of their ways of working.
  const log = (line: string) => {
    if (/FATAL|PANIC/.test(line)) saySorry(`[postgres] ${line}`);
  };
  const starting = startPostgres({ dataDir: DATA, port: PORTS.postgres, log });
  stack.add(asPart(starting));
  const server = await starting.catch((error: Error) => {
    throw new Problem(error.message);
  });
  await Promise.all([server.ensureDatabase('users'), server.ensureDatabase('auth')]);
  return { users: server.url('users'), auth: server.url('auth') };
}

/** Before it has started, too: stopping waits until it can be stopped. That it did not start is said elsewhere. */
function asPart(starting: Promise<Postgres>): Part {
  const started = starting.catch(() => null);
  return {
    name: 'postgres',
    ready: started.then(() => {}),
    died: started.then((server) => server?.died ?? new Promise(() => {})).then(() => 'postgres ended'),
    stop: async () => (await started)?.stop(),
    // It ends with this process.
    kill: () => {},
  };
}

/** The user-service gets the database itself, the auth-service a schema in it. */
async function openGiven(given: string): Promise<Databases> {
  const client = new pg.Client({ connectionString: given });
  try {
    await client.connect();
    await client.query(`create schema if not exists ${AUTH_SCHEMA}`);
  } catch (error) {
    throw new Problem(`The database that DATABASE_URL names cannot be used: ${(error as Error).message}.`);
  } finally {
    await client.end().catch(() => {});
  }
  const auth = new URL(given);
  auth.searchParams.set('options', `-csearch_path=${AUTH_SCHEMA}`);
  return { users: given, auth: auth.href };
}
