import type { FastifyPluginAsync } from 'fastify';
import { activitiesResolvers, activitiesTextLengths } from './activities/activities.resolvers.ts';
import { activitiesRoutes } from './activities/activities.routes.ts';
import { awardsResolvers } from './awards/awards.resolvers.ts';
import { backfillsResolvers } from './backfills/backfills.resolvers.ts';
import { badgeDefinitionsResolvers } from './badge-definitions/badge-definitions.resolvers.ts';
import { badgesResolvers } from './badges/badges.resolvers.ts';
import { badgesRoutes } from './badges/badges.routes.ts';
import { excusedDatesResolvers, excusedDatesTextLengths } from './excused-dates/excused-dates.resolvers.ts';
import { goalsResolvers } from './goals/goals.resolvers.ts';
import { goalsRoutes } from './goals/goals.routes.ts';
import { streaksResolvers } from './streaks/streaks.resolvers.ts';
import { streaksRoutes } from './streaks/streaks.routes.ts';
import { timeZonesResolvers, timeZonesTextLengths } from './time-zones/time-zones.resolvers.ts';
import { timeZonesRoutes } from './time-zones/time-zones.routes.ts';
import { usersResolvers } from './users/users.resolvers.ts';
import { usersRoutes } from './users/users.routes.ts';

/** The parts of a feature that the service connects. Its loaders are created by the resolvers that use them. */
interface Feature {
  resolvers?: object;
  /** The REST routes, below `/users`. */
  routes?: FastifyPluginAsync;
  /** The description of the OpenAPI tag with the name of the feature. */
  tag?: string;
  /**
   * The maximum lengths of texts that are much shorter than others, in bytes of JSON, by type and field. A batch of
   * 1,000 results would else count as more than a response may have.
   */
  textLengths?: Readonly<Record<string, number>>;
}

/**
 * Every feature. A feature may import the nouns and use-cases of the features above it, and its REST schemas also their
 * REST schemas.
 */
export const features: Readonly<Record<string, Feature>> = {
  badges: { resolvers: badgesResolvers, routes: badgesRoutes, tag: 'Badges that users have earned or created.' },
  streaks: { resolvers: streaksResolvers, routes: streaksRoutes },
  'badge-definitions': { resolvers: badgeDefinitionsResolvers },
  tracking: {},
  goals: { resolvers: goalsResolvers, routes: goalsRoutes, tag: 'Learning goals of users.' },
  activities: {
    resolvers: activitiesResolvers,
    routes: activitiesRoutes,
    tag: 'Activities of users, and streaks.',
    textLengths: activitiesTextLengths,
  },
  awards: { resolvers: awardsResolvers },
  backfills: { resolvers: backfillsResolvers },
  'time-zones': {
    resolvers: timeZonesResolvers,
    routes: timeZonesRoutes,
    textLengths: timeZonesTextLengths,
  },
  'excused-dates': { resolvers: excusedDatesResolvers, textLengths: excusedDatesTextLengths },
  users: { resolvers: usersResolvers, routes: usersRoutes, tag: 'Profiles and settings of users.' },
};

export const resolvers: object[] = Object.values(features).flatMap((feature) => feature.resolvers ?? []);
export const routes: FastifyPluginAsync[] = Object.values(features).flatMap((feature) => feature.routes ?? []);
export const tags = Object.entries(features).flatMap(([name, { tag }]) =>
  tag === undefined ? [] : { name, description: tag },
);
export const textLengths: Readonly<Record<string, number>> = Object.assign(
  {},
  ...Object.values(features).map((feature) => feature.textLengths),
);
