import { readdirSync, readFileSync } from 'node:fs';
import DataLoader from 'dataloader';
import { GraphQLScalarType } from 'graphql';
import * as store from './store.ts';
import type { Badge, Goal } from './tables.ts';
import { recordActivity, streakLoader, userFields } from './tracker.ts';

const SDL_FOLDER = new URL('../../../schema/', import.meta.url);

/** The schema of the service. */
export const sdl = readdirSync(SDL_FOLDER)
  .filter((file) => file.endsWith('.graphql'))
  .map((file) => readFileSync(new URL(file, SDL_FOLDER), 'utf8'))
  .join('\n');

export type Context = ReturnType<typeof createContext>;

/** Creates the DataLoaders of a request. */
export function createContext() {
  return {
    badgesByUser: loadersByPageSize<Badge>(store.badgesByUsers),
    goalsByUser: loadersByPageSize<Goal>(store.goalsByUsers),
    streakByUser: streakLoader(),
    badgeCountByUser: new DataLoader<string, number>(async (ids) => {
      const counts = await store.countBadges(ids);
      return ids.map((id) => counts.get(id) ?? 0);
    }),
  };
}

/** Returns a function that creates a DataLoader for each page size. */
function loadersByPageSize<Row>(list: (ids: readonly string[], first: number) => Promise<Map<string, Row[]>>) {
  const loaders = new Map<number, DataLoader<string, Row[]>>();
  return (first: number): DataLoader<string, Row[]> => {
    const existing = loaders.get(first);
    if (existing !== undefined) return existing;
    const loader = new DataLoader<string, Row[]>(async (ids) => {
      const found = await list(ids, first);
      return ids.map((id) => found.get(id) ?? []);
    });
    loaders.set(first, loader);
    return loader;
  };
}

interface User {
  id: string;
}

interface PageArgs {
  first: number;
  after?: string | null;
}

export interface BadgePage {
  userId: string;
  nodes: Badge[];
  pageInfo: object;
}

export async function badgePage({ id: userId }: User, { first, after }: PageArgs): Promise<BadgePage> {
  const cursor = after == null ? undefined : decodeCursor(after);
  const rows = await store.badgesAfter(userId, { after: cursor, limit: first + 1 });
  const nodes = rows.slice(0, first);
  const pageInfo = {
    hasNextPage: rows.length > first,
    hasPreviousPage: after != null,
    startCursor: encodeCursor(nodes.at(0)),
    endCursor: encodeCursor(nodes.at(-1)),
  };
  return { userId, nodes, pageInfo };
}

function encodeCursor(badge: Badge | undefined): string | null {
  return badge ? Buffer.from(`${badge.dateAchieved.toISOString()} ${badge.id}`).toString('base64url') : null;
}

function decodeCursor(cursor: string): store.CursorKey {
  const [at = '', id = ''] = Buffer.from(cursor, 'base64url').toString().split(' ');
  return { at: new Date(at), id: Number(id) };
}

interface CreateBadgeArgs {
  input: store.NewBadge & { userId: string };
}

export const createBadge = async (_: unknown, { input: { userId, ...badge } }: CreateBadgeArgs) => ({
  badge: await store.insertBadge(userId, badge),
});

interface CreateGoalArgs {
  input: store.NewGoal & { userId: string };
}

export const createGoal = async (_: unknown, { input: { userId, ...goal } }: CreateGoalArgs) => ({
  goal: await store.insertGoal(userId, goal),
});

export const GoalStatus = {
  NOT_STARTED: 'not-started',
  IN_PROGRESS: 'in-progress',
  PAUSED: 'paused',
  COMPLETED: 'completed',
  ARCHIVED: 'archived',
};

export const DateTime = new GraphQLScalarType<Date, string>({
  name: 'DateTime',
  serialize: (date) => (date as Date).toISOString(),
});

export const resolvers = {
  Mutation: { createBadge, createGoal, recordActivity },
  User: {
    __resolveReference: ({ id }: User) => ({ id }),
    badges: ({ id }: User, { first }: PageArgs, context: Context) => context.badgesByUser(first).load(id),
    goals: ({ id }: User, { first }: PageArgs, context: Context) => context.goalsByUser(first).load(id),
    badgesConnection: badgePage,
    ...userFields,
    statistics: ({ id }: User) => ({ id }),
  },
  UserStatistics: {
    totalBadges: ({ id }: User, _: unknown, context: Context) => context.badgeCountByUser.load(id),
  },
  BadgeConnection: {
    totalCount: ({ userId }: BadgePage, _: unknown, context: Context) => context.badgeCountByUser.load(userId),
  },
  GoalStatus,
  DateTime,
};
