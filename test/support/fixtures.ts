import { it as base, inject } from 'vitest';
import {
  type Env,
  type Service,
  type ServiceOverrides,
  serviceEnv,
  startService,
  startServiceWithJwks,
} from './app.ts';
import { startAuthService } from './auth-service.ts';
import type { TestUser } from './auth-users.ts';
import { createTestDatabase, type TestDatabase, withLongLockTimeout } from './database.ts';
import { type ServiceProcess, startServiceProcess } from './process.ts';

export { describe, expect } from 'vitest';
export { badgeBody, badgeInput, goalBody, goalInput } from './builders.ts';

/** A user with an access token. */
export interface SignedIn extends TestUser {
  token: string;
}

/** The database of the file that runs, if it has one. */
const databases = new Set<TestDatabase>();

/**
 * `db`, `auth`, `service` and `serviceProcess` have file scope: each test creates its own users. The faults of `auth`
 * are cleared after each test. Caches and the circuit breaker belong to a service, so a test of faults starts its own
 * with `serve`.
 */
export const it = base
  .extend('db', { scope: 'file' }, async ({}, { onCleanup }) => {
    const db = await createTestDatabase(inject('databaseServerUrl'), inject('databaseTemplate'));
    databases.add(db);
    onCleanup(async () => {
      databases.delete(db);
      await db.drop();
    });
    return db;
  })
  .extend('auth', { scope: 'file' }, async ({}, { onCleanup }) => {
    const auth = await startAuthService();
    onCleanup(() => auth.close());
    return auth;
  })
  .extend('service', { scope: 'file' }, async ({ db, auth }, { onCleanup }) => {
    const service = await startServiceWithJwks(db, auth);
    onCleanup(() => service.close());
    return service;
  })
  /**
   * Two services on one database. Each runs the changes of a user one after another, so only changes through both
   * compete in PostgreSQL.
   */
  .extend('replicas', { scope: 'file' }, async ({ db, auth }, { onCleanup }) => {
    const env = serviceEnv(db, auth, { DATABASE_URL: withLongLockTimeout(db.url) });
    const replicas = [await startService(env), await startService(env)] as const;
    onCleanup(async () => {
      for (const replica of replicas) await replica.close();
    });
    return replicas;
  })
  /** A process of its own, for CPU times: the process of the tests also collects the garbage of other files. */
  .extend('serviceProcess', { scope: 'file' }, async ({ db, auth }, { onCleanup }) => {
    const service = await startServiceProcess(serviceEnv(db, auth));
    onCleanup(() => service.close());
    return service;
  })
  /** Removes the rows of the attempt before, which a test that is repeated does not expect. */
  .extend('emptied', { auto: true }, async ({ task }) => {
    if (!task.result?.retryCount || task.concurrent) return;
    for (const db of databases) if (!db.hasSharedRows) await db.empty();
  })
  .extend('clearFaults', { auto: true }, async ({ auth }, { onCleanup }) => {
    onCleanup(async () => {
      auth.clearFaults();
      await auth.up();
    });
  })
  /** Starts another service on the same database and auth-service; `env` overrides the defaults. */
  .extend('serve', async ({ db, auth }, { onCleanup }) => {
    const started: Service[] = [];
    onCleanup(async () => {
      for (const service of started) await service.close();
    });
    return async (env: Env = {}, overrides: ServiceOverrides = {}): Promise<Service> => {
      const service = await startService(serviceEnv(db, auth, env), overrides);
      started.push(service);
      return service;
    };
  })
  /** Starts the service as a separate process. */
  .extend('serveProcess', async ({ db, auth }, { onCleanup }) => {
    const started: ServiceProcess[] = [];
    onCleanup(async () => {
      for (const service of started) await service.close();
    });
    return async (env: Env = {}): Promise<ServiceProcess> => {
      const service = await startServiceProcess(serviceEnv(db, auth, env));
      started.push(service);
      return service;
    };
  })
  /** Creates a user with a unique id and a token. */
  .extend('createUser', async ({ auth }) => {
    return async (given: Partial<TestUser> = {}): Promise<SignedIn> => {
      const id = given.id ?? `user-${crypto.randomUUID()}`;
      const username = `ada_${id.slice(-12)}`;
      const avatarUrl = `https://images.example.org/${id}.png`;
      const user = auth.add({ username, displayName: 'Ada Lovelace', avatarUrl, ...given, id });
      return { ...user, token: await auth.token(id) };
    };
  });
