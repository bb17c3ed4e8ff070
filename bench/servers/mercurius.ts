import { buildFederationSchema } from '@mercuriusjs/federation';
import Fastify from 'fastify';
import mercurius, { type IResolvers, type MercuriusLoaders } from 'mercurius';
import { type BadgePage, badgePage, createBadge, DateTime, sdl } from './peer/schema.ts';
import { badgesByUsers, countBadges, goalsByUsers } from './peer/store.ts';
import type { Goal } from './peer/tables.ts';

// Mercurius with its JIT and its own loaders, by https://mercurius.dev.

type Lists<Row> = (ids: readonly string[], first: number) => Promise<Map<string, Row[]>>;
type ListQueries = { obj: { id: string }; params: { first: number } }[];

/** A loader of a list; everybody in a request is asked for the same page size. */
function listLoader<Row>(list: Lists<Row>) {
  return async (queries: ListQueries) => {
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
  Mutation: { createBadge },
  User: { __resolveReference: ({ id }: { id: string }) => ({ id }), badgesConnection: badgePage },
  // Its JIT takes no values of ours for those of an enum.
  LearningGoal: { status: ({ status }: Goal) => status.replace('-', '_').toUpperCase() },
  DateTime,
};

/** It knows Federation 1: what the second version adds is taken out. */
const sdlOfFederation1 = sdl
  .replace(/extend schema\s+@link\([\s\S]*?\]\s*\)/, '')
  .replace(/@(listSize|cost)\((?:[^()]|\[[^\]]*\])*\)|@(shareable|inaccessible|tag)\b/g, '');

const app = Fastify();
app.register(mercurius, {
  schema: buildFederationSchema(sdlOfFederation1),
  resolvers: resolvers as unknown as IResolvers,
  loaders: loaders as unknown as MercuriusLoaders,
  jit: 1,
});
await app.listen({ port: Number(process.env.PORT), host: '127.0.0.1' });
