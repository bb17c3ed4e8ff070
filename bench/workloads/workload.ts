import type { HttpRequest } from '../lib/http-request.ts';
import { PEOPLE, personId, WRITERS } from '../lib/seed.ts';

/** What the requests of a workload are made from; the same in every run. */
export interface Source {
  /** From 0 to 1. */
  random: () => number;
  tokenOf: (personId: string) => string;
}

export interface Workload {
  name: string;
  title: string;
  /** Names of those of the servers that can do it. */
  servers: readonly string[];
  /** Every server gets them in this order. */
  requests(source: Source): HttpRequest[];
  /** Takes out of an answer what cannot be the same twice, such as ids; without it, answers must be the same bytes. */
  comparable?: (answer: string) => string;
  /** Whether the data are restored before each round. */
  writes?: boolean;
}

export const WITH_EVERY_QUERY = ['service', 'limit', 'apollo-express', 'yoga', 'mercurius'];
export const WITH_ENTITIES = ['service', 'limit', 'limit-sql-json', 'apollo-express', 'yoga', 'mercurius'];
export const REST_SERVERS = ['service', 'limit', 'fastify-rest', 'fastapi'];

/** Somebody whom nobody writes to. */
export function reader({ random }: Source): string {
  return personId(1 + Math.floor(random() * (PEOPLE - WRITERS)));
}

/** The n-th of those who write, over and over. */
export function writer(n: number): string {
  return personId(PEOPLE - (n % WRITERS));
}

/** `count` different people whom nobody writes to. */
export function readers(source: Source, count: number): string[] {
  const chosen = new Set<string>();
  while (chosen.size < count) chosen.add(reader(source));
  return [...chosen];
}

/** A GraphQL request in the name of one of 500 callers. */
export function operation(
  source: Source,
  body: { operationName: string; query: string; variables: object },
): HttpRequest {
  const token = source.tokenOf(personId(1 + Math.floor(source.random() * 500)));
  return { method: 'POST', path: '/graphql', body, token };
}
