import { graphqlRequest, type RequestSource, randomTrackedUsers, TRACKER_SERVERS, type Workload } from './workload.ts';

const REQUESTS = 2000;
const USERS = 20;

const fieldsQuery = (name: string, fields: string) =>
  `query ${name}($r:[_Any!]!){_entities(representations:$r){...on User{${fields}}}}`;
const STREAKS = fieldsQuery('Streaks', 'streak{current longest status}');
const COUNTS = fieldsQuery('BadgeCounts', 'statistics{totalBadges}');

/** Returns the requests of a gateway for fields of users with activities. */
function userRequests(source: RequestSource, operationName: string, query: string) {
  return Array.from({ length: REQUESTS }, () => {
    const r = randomTrackedUsers(source, USERS).map((id) => ({ __typename: 'User', id }));
    return graphqlRequest(source, { operationName, query, variables: { r } });
  });
}

export const streaks: Workload = {
  name: 'entities-streak',
  title: `\`_entities\`: ${USERS} users with their streaks`,
  servers: TRACKER_SERVERS,
  requests: (source) => userRequests(source, 'Streaks', STREAKS),
};

/** The users of `streaks`, in the same order. */
export const badgeCounts: Workload = {
  name: 'entities-counts',
  title: `\`_entities\`: ${USERS} users with their numbers of badges`,
  servers: TRACKER_SERVERS,
  requests: (source) => userRequests(source, 'BadgeCounts', COUNTS),
};
