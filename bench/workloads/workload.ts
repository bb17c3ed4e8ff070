import { READ_ONLY_USERS, READ_TRACKED_USERS, USERS, userId, WRITTEN_USERS } from '../database/seed.ts';
import type { HttpRequest } from './http-request.ts';

/** The inputs of a workload's requests. They are the same in every run. */
export interface RequestSource {
  /** Returns a number from 0 up to 1. */
  random: () => number;
  tokenFor: (userId: string) => string;
}

export interface Workload {
  name: string;
  title: string;
  /** The servers that implement this workload. */
  servers: readonly string[];
  /** Returns the requests, in the order in which every server receives them. */
  requests(source: RequestSource): HttpRequest[];
  /** Removes values that differ between responses, such as generated ids. By default responses must be identical. */
  normalize?: (response: string) => string;
  /** Whether the seed data is restored before each round. */
  writes?: boolean;
}

export const REST_SERVERS = ['service', 'limit', 'fastify-rest', 'fastapi'];
export const GRAPHQL_SERVERS = ['service', 'limit', 'apollo-express', 'yoga', 'mercurius'];
export const CREATE_SERVERS = ['service', 'limit', 'limit-npm', 'apollo-express', 'yoga', 'mercurius'];
export const ENTITIES_SERVERS = [
  'service',
  'limit',
  'limit-npm',
  'limit-sql-json',
  'apollo-express',
  'yoga',
  'mercurius',
];
export const TRACKER_SERVERS = ['service', 'limit', 'apollo-express'];

/** The number of different viewers, and so of tokens, in the requests. */
const VIEWERS = 500;

/** Returns a random user whose data no workload changes. */
export function randomReadOnlyUser({ random }: RequestSource): string {
  return userId(1 + Math.floor(random() * READ_ONLY_USERS));
}

/** Returns `count` different random users whose data no workload changes. */
export function randomReadOnlyUsers(source: RequestSource, count: number): string[] {
  return distinct(() => randomReadOnlyUser(source), count);
}

/** Returns `count` different random users with activities, whose data no workload changes. */
export function randomTrackedUsers({ random }: RequestSource, count: number): string[] {
  return distinct(() => userId(1 + Math.floor(random() * READ_TRACKED_USERS)), count);
}

function distinct(choose: () => string, count: number): string[] {
  const chosen = new Set<string>();
  while (chosen.size < count) chosen.add(choose());
  return [...chosen];
}

/** Returns the user that the n-th write belongs to. The written users repeat in turn. */
export function writtenUser(n: number): string {
  return userId(USERS - (n % WRITTEN_USERS));
}

/** Returns the n-th viewer. The viewers repeat in turn. */
export function viewer(n: number): string {
  return userId(1 + (n % VIEWERS));
}

/** Returns a GraphQL request of a random viewer. */
export function graphqlRequest(
  source: RequestSource,
  body: { operationName: string; query: string; variables: object },
): HttpRequest {
  const token = source.tokenFor(viewer(Math.floor(source.random() * VIEWERS)));
  return { method: 'POST', path: '/graphql', body, token };
}
