import { addDays } from '../../src/lib/local-date.ts';
import { today } from '../database/seed-activities.ts';
import { randomTrackedUsers, TRACKER_SERVERS, type Workload } from './workload.ts';

const QUERY =
  'query Calendar($r:[_Any!]!,$from:Date!,$to:Date!){_entities(representations:$r){...on User{' +
  'activityCalendar(from:$from,to:$to){date count quantity excused}}}}';
const REQUESTS = 2000;
const DATES = 365;

/** A user reads the calendar of a year. */
export const calendar: Workload = {
  name: 'calendar',
  title: 'GraphQL: the activity calendar of a year',
  servers: TRACKER_SERVERS,
  requests: (source) =>
    Array.from({ length: REQUESTS }, () => {
      const [id = ''] = randomTrackedUsers(source, 1);
      const to = today();
      const variables = { r: [{ __typename: 'User', id }], from: addDays(to, 1 - DATES), to };
      const body = { operationName: 'Calendar', query: QUERY, variables };
      return { method: 'POST', path: '/graphql', body, token: source.tokenFor(id) };
    }),
};
