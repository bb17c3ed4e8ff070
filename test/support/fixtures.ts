import { it as base, inject } from 'vitest';
import { type Env, type Service, type ServiceOverrides, serviceEnv, startService, startWithKeys } from './app.ts';
import type { TestUser } from './auth-people.ts';
import { startAuthService } from './auth-service.ts';
import { createTestDatabase } from './database.ts';
import { type ServiceProcess, startServiceProcess } from './process.ts';

export { describe, expect } from 'vitest';
export { badgeBody, badgeInput, goalBody, goalInput } from './builders.ts';

/** A person of the auth-service, signed in. */
export interface SignedIn extends TestUser {
  token: string;
}

/**
 * `db`, `auth` and `service` are one for the whole file, so a test brings persons of its own and finds every endpoint of
 * `auth` well again. What remembers failures (caches, the circuit breaker) belongs to a service: a test of faults starts
 * one with `serve`.
 */
export const it = base
  .extend('db', { scope: 'file' }, async ({}, { onCleanup }) => {
    const db = await createTestDatabase(inject('databaseServerUrl'), inject('databaseTemplate'));
    onCleanup(() => db.drop());
    return db;
  })
  .extend('auth', { scope: 'file' }, async ({}, { onCleanup }) => {
    const auth = await startAuthService();
    onCleanup(() => auth.close());
    return auth;
  })
  .extend('service', { scope: 'file' }, async ({ db, auth }, { onCleanup }) => {
    const service = await startWithKeys(db, auth);
    onCleanup(() => service.close());
    return service;
  })
  .extend('recovery', { auto: true }, async ({ auth }, { onCleanup }) => {
    onCleanup(async () => {
      auth.heal();
      await auth.up();
    });
  })
  /** Another service on the same database and auth-service, for this test; `env` is laid over the usual one. */
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
  /** The same as a process of its own. */
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
  /** A fresh person with a token: nobody else in this file has the id. */
  .extend('createUser', async ({ auth }) => {
    return async (given: Partial<TestUser> = {}): Promise<SignedIn> => {
      const id = given.id ?? `person-${crypto.randomUUID()}`;
      const username = `ada_${id.slice(-12)}`;
      const avatarUrl = `https://images.example.org/${id}.png`;
      const user = auth.add({ username, displayName: 'Ada Lovelace', avatarUrl, ...given, id });
      return { ...user, token: await auth.token(id) };
    };
  });
