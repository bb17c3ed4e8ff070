import { randomBytes } from 'node:crypto';
import { inject } from 'vitest';
import { administer, databaseUrl } from '../../support/database.ts';

/** Creates an empty database on the tests' server. The caller drops it. */
export async function createEmptyDatabase(): Promise<{ url: string; drop(): Promise<void> }> {
  const server = inject('databaseServerUrl');
  const name = `${inject('databaseTemplate')}_dev_${randomBytes(4).toString('hex')}`;
  await administer(server, (admin) => admin`create database ${admin(name)}`);
  return {
    url: databaseUrl(server, name),
    drop: async () => void (await administer(server, (admin) => admin`drop database ${admin(name)} with (force)`)),
  };
}
