import { LRUCache } from 'lru-cache';
import { serviceEnv, startService } from '../support/app.ts';
import { badgeInput, describe, expect } from '../support/fixtures.ts';
import { createHttpClient } from '../support/http-client.ts';
import { it as base, envFor, startHiveGateway } from './supergraph.ts';

const CREATE_BADGE = 'mutation ($input: CreateBadgeInput!) { createBadge(input: $input) { badge { name } } }';
const BADGES = 'query ($id: ID!) { user(id: $id) { username badges { name } } }';
const OWN = '{ viewer { id timeZone badges { name } } }';

/** The cache of a gateway, in memory. Times are in seconds. */
function createCache() {
  const entries = new LRUCache<string, object>({ max: 1000 });
  return {
    get: async (key: string) => entries.get(key) as never,
    set: async (key: string, value: object, options?: { ttl?: number | null }) =>
      void entries.set(key, value, { ttl: (options?.ttl ?? 0) * 1000 }),
    delete: async (key: string) => entries.delete(key),
    getKeysByPrefix: async (prefix: string) => [...entries.keys()].filter((key) => key.startsWith(prefix)),
  };
}

/** `cached` is a service with CACHE_MAX_AGE_SECONDS behind a Hive Gateway that shares its cache between all clients. */
const it = base.extend('cached', { scope: 'file' }, async ({ db, auth, authority }, { onCleanup }) => {
  const service = await startService(serviceEnv(db, auth, envFor(authority, { CACHE_MAX_AGE_SECONDS: '60' })));
  const responseCaching = { session: () => null, ttl: 3_600_000 };
  const subgraphs = { authUrl: authority.url, usersUrl: service.url };
  const gateway = await startHiveGateway(subgraphs, { cache: createCache(), responseCaching });
  const client = createHttpClient(gateway.url);
  onCleanup(async () => {
    client.disconnect();
    await gateway.close();
    await service.close();
  });
  return { service, client };
});

describe('a gateway that caches responses', () => {
  it('answers the second anonymous query itself, for any client', async ({
    cached: { service, client },
    signUpUser,
  }) => {
    const { id, username, token } = await signUpUser();
    await client.graphql(CREATE_BADGE, { input: badgeInput() }, { token });
    const first = await client.graphql(BADGES, { id });
    expect(first.data).toEqual({ user: { username, badges: [{ name: badgeInput().name }] } });
    service.statements.clear();
    const second = await client.graphql(BADGES, { id });
    expect({ data: second.data, statements: [...service.statements] }).toEqual({ data: first.data, statements: [] });
  });

  it('never stores the answer to a client with a token', async ({ cached: { service, client }, signUpUser }) => {
    const [ada, eve] = [await signUpUser(), await signUpUser()];
    await client.graphql(CREATE_BADGE, { input: badgeInput({ name: 'Of Ada' }) }, { token: ada.token });
    for (const { id, token, badges } of [
      { ...ada, badges: [{ name: 'Of Ada' }] },
      { ...eve, badges: [] },
      { ...ada, badges: [{ name: 'Of Ada' }] },
    ]) {
      const { data } = await client.graphql(OWN, {}, { token });
      expect(data.viewer).toEqual({ id, timeZone: 'UTC', badges });
    }
    expect((await client.graphql(OWN)).data).toEqual({ viewer: null });
    for (const reader of [ada, eve]) {
      service.statements.clear();
      await client.graphql(BADGES, { id: ada.id }, { token: reader.token });
      expect(service.statements.length).toBe(1);
    }
  });

  it('never stores a hidden field, nor its null', async ({ cached: { client }, signUpUser }) => {
    const { id, token } = await signUpUser();
    const query = 'query ($id: ID!) { user(id: $id) { id timeZone } }';
    expect((await client.graphql(query, { id })).data.user).toEqual({ id, timeZone: null });
    expect((await client.graphql(query, { id }, { token })).data.user).toEqual({ id, timeZone: 'UTC' });
    expect((await client.graphql(query, { id })).data.user).toEqual({ id, timeZone: null });
  });
});
