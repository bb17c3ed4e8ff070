import type { FastifyPluginAsync } from 'fastify';
import { badgesResolvers } from './badges/badges.resolvers.ts';
import { badgesRoutes } from './badges/badges.routes.ts';
import { goalsResolvers } from './goals/goals.resolvers.ts';
import { goalsRoutes } from './goals/goals.routes.ts';
import { usersResolvers } from './users/users.resolvers.ts';
import { usersRoutes } from './users/users.routes.ts';

/** The parts of a feature that the service connects. Its loaders are created by the resolvers that use them. */
export interface Feature {
  resolvers: object;
  /** The REST routes, below `/users`. */
  routes?: FastifyPluginAsync;
}

/** Every feature. A feature imports nouns and use-cases of the features before it, never of those after it. */
export const features: Readonly<Record<string, Feature>> = {
  badges: { resolvers: badgesResolvers, routes: badgesRoutes },
  goals: { resolvers: goalsResolvers, routes: goalsRoutes },
  users: { resolvers: usersResolvers, routes: usersRoutes },
};

export const resolvers: object[] = Object.values(features).map((feature) => feature.resolvers);
export const routes: FastifyPluginAsync[] = Object.values(features).flatMap((feature) => feature.routes ?? []);
