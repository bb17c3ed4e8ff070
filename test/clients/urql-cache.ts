import { type CacheExchangeOpts, cacheExchange } from '@urql/exchange-graphcache';
import { relayPagination } from '@urql/exchange-graphcache/extras';

const embedded = () => null;

const options: CacheExchangeOpts = {
  keys: {
    BadgeDefinition: ({ key }) => String(key),
    Streak: embedded,
    GoalProgress: embedded,
    BadgeProgress: embedded,
    BadgeEvidence: embedded,
    CalendarDay: embedded,
  },
  resolvers: {
    User: {
      badgesConnection: relayPagination(),
      goalsConnection: relayPagination(),
      activities: relayPagination(),
    },
    Query: {
      badge: (_parent, { id }) => ({ __typename: 'Badge', id: String(id) }),
      goal: (_parent, { id }) => ({ __typename: 'LearningGoal', id: String(id) }),
    },
  },
  updates: {
    Mutation: {
      deleteGoal: ({ deleteGoal }, _args, cache) => {
        const { deletedId } = (deleteGoal ?? {}) as { deletedId?: string };
        if (deletedId !== undefined) cache.invalidate({ __typename: 'LearningGoal', id: deletedId });
      },
    },
  },
};

export const graphcache = cacheExchange(options);
