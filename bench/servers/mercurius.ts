import { buildFederationSchema } from '@mercuriusjs/federation';
import Fastify from 'fastify';
import mercurius, { type IResolvers, type MercuriusLoaders } from 'mercurius';
import { type BadgePage, badgePage, createBadge, createGoal, DateTime, sdl } from './shared/schema.ts';
import { badgesByUsers, countBadges, goalsByUsers } from './shared/store.ts';
import type { Goal } from './shared/tables.ts';

// Mercurius with JIT and its own loaders, as in https://mercurius.dev.

type ListQuery<Row> = (ids: readonly string[], first: number) => Promise<Map<string, Row[]>>;
type LoaderQueries = { obj: { id: string }; params: { first: number } }[];

/** Returns a loader for a list. All fields of a request have the same page size in the workloads. */
function listLoader<Row>(list: ListQuery<Row>) {
  return async (queries: LoaderQueries) => {
    const [first] = queries;
    const ids = queries.map(({ obj }) => obj.id);
    const found = await list(ids, first?.params.first ?? 0);
    return ids.map((id) => found.get(id) ?? []);
  };
}

const loaders = {
  User: { badges: listLoader(badgesByUsers), goals: listLoader(goalsByUsers) },
  BadgeConnection: {
    async totalCount(queries: { obj: BadgePage }[]) {
      const counts = await countBadges(queries.map(({ obj }) => obj.userId));
      return queries.map(({ obj }) => counts.get(obj.userId) ?? 0);
    },
  },
};

const resolvers = {
  Mutation: { createBadge, createGoal },
  User: { __resolveReference: ({ id }: { id: string }) => ({ id }), badgesConnection: badgePage },
  // The JIT does not support internal values of enums.
  LearningGoal: { status: ({ status }: Goal) => status.replace('-', '_').toUpperCase() },
  DateTime,
};

/** The schema without the directives of Federation 2, because Mercurius implements Federation 1. */
const federation1Sdl = sdl
  .replace(/extend schema\s+@link\([\s\S]*?\]\s*\)/, '')
  .replace(/@(listSize|cost)\((?:[^()]|\[[^\]]*\])*\)|@(shareable|inaccessible|tag)\b/g, '');

const app = Fastify();
app.register(mercurius, {
  schema: buildFederationSchema(federation1Sdl),
  resolvers: resolvers as unknown as IResolvers,
  loaders: loaders as unknown as MercuriusLoaders,
  jit: 1,
});
await app.listen({ port: Number(process.env.PORT), host: '127.0.0.1' });
