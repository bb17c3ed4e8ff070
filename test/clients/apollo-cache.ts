import { InMemoryCache } from '@apollo/client';
import { relayStylePagination } from '@apollo/client/utilities';

/** Merges the pages of connections, and objects without an id into the object that has them. */
export function createCache(): InMemoryCache {
  return new InMemoryCache({
    typePolicies: {
      BadgeDefinition: { keyFields: ['key'] },
      User: {
        fields: {
          badgesConnection: relayStylePagination(),
          goalsConnection: relayStylePagination(['status']),
          activities: relayStylePagination(['verb']),
          streak: { merge: true },
        },
      },
      LearningGoal: { fields: { streak: { merge: true }, progress: { merge: true } } },
      Badge: { fields: { evidence: { merge: true } } },
    },
  });
}
