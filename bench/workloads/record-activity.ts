import { VERB } from '../database/insert-activities.ts';
import { withoutGeneratedValues } from './create-badge.ts';
import { TRACKER_SERVERS, type Workload, writtenUser } from './workload.ts';

const MUTATION =
  'mutation RecordActivity($input:RecordActivityInput!){recordActivity(input:$input){' +
  'activity{id localDate}replayed user{streak{current longest status}}badges{id}}}';
/**
 * More than a server answers in a round, before which the recorded activities are deleted: an event id is not repeated.
 */
const REQUESTS = 10_000;
const OBJECTS = 500;

/** A user records an activity of their own, with 100 active definitions, five of which name its verb. */
export const recordActivity: Workload = {
  name: 'record-activity',
  title: 'GraphQL: the `recordActivity` mutation, with 100 badge definitions',
  servers: TRACKER_SERVERS,
  writes: true,
  normalize: withoutGeneratedValues,
  requests: ({ tokenFor, random }) =>
    Array.from({ length: REQUESTS }, (_, n) => {
      const token = tokenFor(writtenUser(n));
      const input = {
        eventId: `${Math.floor(random() * 2 ** 32).toString(16)}-${n}`,
        verb: VERB,
        objectId: `lesson-${Math.floor(random() * OBJECTS)}`,
        userId: writtenUser(n),
      };
      const body = { operationName: 'RecordActivity', query: MUTATION, variables: { input } };
      return { method: 'POST', path: '/graphql', body, token };
    }),
};
