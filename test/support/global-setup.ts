import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { startPostgres } from '../../dev/postgres.ts';
import { migrate } from '../../src/db/migrations.ts';
import { administer, databaseUrl, dropDatabases } from './database.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** The URL of an existing database on the server of the test databases. */
    databaseServerUrl: string;
    /** A migrated, empty database that every test file clones. Its name is the prefix of all databases of this run. */
    databaseTemplate: string;
  }
}

/** Test data needs no durability. `max_connections` covers all workers. */
const SETTINGS = { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off', max_connections: '300' };

/** Lets the processes of this run share compiled code, which halves their CPU time until they are live. */
async function shareCompiledCode(): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), 'user-service-compiled-'));
  process.env.NODE_COMPILE_CACHE = folder;
  // A process that ends may still write to it.
  return () => rm(folder, { recursive: true, force: true, maxRetries: 10 });
}

/** Uses the server of `DATABASE_URL`, whose role needs CREATEDB, or else starts a server for this run. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const removeCompiledCode = await shareCompiledCode();
  const server = await findServer(process.env.DATABASE_URL);
  const template = `user_service_test_${randomBytes(4).toString('hex')}`;
  const tearDown = async () => {
    await dropDatabases(server.url, template);
    await server.stop();
    await removeCompiledCode();
  };
  try {
    await administer(server.url, (sql) => sql`create database ${sql(template)}`);
    await migrate(databaseUrl(server.url, template));
  } catch (error) {
    await tearDown();
    throw error;
  }
  project.provide('databaseServerUrl', server.url);
  project.provide('databaseTemplate', template);
  return tearDown;
}

async function findServer(url: string | undefined) {
  if (url) return { url, stop: async () => undefined };
  const dataDir = join(tmpdir(), `user-service-test-${randomBytes(4).toString('hex')}`);
  const server = await startPostgres({ dataDir, port: 0, persistent: false, settings: SETTINGS });
  return { url: server.url('postgres'), stop: () => server.stop() };
}
