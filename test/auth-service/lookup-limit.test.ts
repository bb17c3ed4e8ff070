import { limitLookups } from '../../src/auth-service/lookup-limit.ts';
import { describe, expect, it } from '../support/fixtures.ts';
import { createClient, learners, newIds } from './client.ts';
import { contracts, lookups } from './lookup.ts';

describe('an operation', () => {
  it.for(contracts)(
    'looks up at most 200 users by %s; the fields of the others fail',
    async ([lookup], { auth, serve }) => {
      const service = await serve({ AUTH_SERVICE_LOOKUP: lookup });
      auth.calls.clear();
      const ids = newIds(250);
      // NOTE: cached in parts, since 200 calls over REST take a large part of a lookup's time limit
      for (let start = 0; start < 200; start += 40) await service.graphql(learners(ids.slice(start, start + 40)));
      const { status, errors } = await service.graphql(learners(ids));
      expect(status).toBe(200);
      expect(errors?.map(({ path }) => path[0])).toEqual(Array.from({ length: 50 }, (_, index) => `l${200 + index}`));
      expect(new Set(errors?.map(({ message }) => message))).toEqual(
        new Set(['A request can look up at most 200 users']),
      );
      expect(new Set(errors?.map(({ extensions }) => extensions.code))).toEqual(new Set(['BAD_USER_INPUT']));
      expect(lookups(auth)).toHaveLength(lookup === 'graphql' ? 5 : 200);
    },
  );
});

describe('the lookups of a request', () => {
  it('are limited in all, and a lookup over the limit leaves capacity for smaller ones', async ({ auth }) => {
    const lookups = limitLookups(createClient(auth, 'graphql'), {
      headersOf: () => ({}),
      excludeWait: (wait) => wait(),
    });
    expect((await lookups.usersByIds(newIds(150))).size).toBe(150);
    await expect(lookups.usersByIds(newIds(51))).rejects.toMatchObject({ code: 'BAD_USER_INPUT' });
    expect((await lookups.usersByIds(newIds(50))).size).toBe(50);
    await expect(lookups.usersByIds(newIds(1))).rejects.toMatchObject({ code: 'BAD_USER_INPUT' });
  });
});
