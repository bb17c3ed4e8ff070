import { it as base, describe, expect } from '../../support/fixtures.ts';
import { createTripCounter } from '../../support/trip-counter.ts';
import { RECORD } from './activity.ts';

const DEFINE = `mutation($input: CreateBadgeDefinitionInput!) {
  createBadgeDefinition(input: $input) { definition { key } }
}`;
const DEFINITIONS = 100;
const NAMING_THE_VERB = 5;

/**
 * `counted` is a service with one connection through `trips`, and 100 active definitions, of which 5 name `practice`.
 */
const it = base
  .extend('trips', async ({ db }, { onCleanup }) => {
    const trips = await createTripCounter(db.url);
    onCleanup(() => trips.close());
    return trips;
  })
  .extend('counted', async ({ serve, auth, trips }) => {
    const service = await serve({ DATABASE_URL: trips.url, DATABASE_POOL_SIZE: '1' });
    const token = await auth.token('manager', { scope: 'badges:manage' });
    for (let index = 0; index < DEFINITIONS; index++) {
      const verb = index < NAMING_THE_VERB ? 'practice' : `verb-${index}`;
      const rule = { count: { verb, gte: index + 2 } };
      const words = { name: 'Keen', description: 'For practice', iconUrl: '/keen.svg', state: 'ACTIVE' };
      await service.graphql(DEFINE, { input: { key: `keen-${index}`, rule, ...words } }, { token });
    }
    return service;
  });

describe('recording an activity with 100 active definitions', () => {
  it('takes 2 round trips, 3 when it earns a badge, and 1 for a replay', async ({ counted, trips, createUser }) => {
    const [{ token: other }, { token }] = [await createUser(), await createUser()];
    const record = async (eventId: string, by = token) => {
      trips.take();
      const { data } = await counted.graphql(RECORD, { input: { eventId, verb: 'practice' } }, { token: by });
      const { badges, replayed } = data.recordActivity;
      return { badges: badges.length, replayed, trips: trips.take() };
    };
    for (const eventId of ['a', 'b']) await record(eventId, other); // prepares the statements
    await record('first');
    expect(await record('second')).toEqual({ badges: 1, replayed: false, trips: 3 });
    expect(await record('second')).toEqual({ badges: 0, replayed: true, trips: 1 });
    for (const eventId of ['3', '4', '5', '6']) await record(eventId);
    expect(await record('seventh')).toEqual({ badges: 0, replayed: false, trips: 2 });
  });
});
