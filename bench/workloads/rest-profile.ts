import { PEOPLE, personId, WRITERS } from '../lib/seed.ts';
import type { Workload } from './workload.ts';

/** Everybody in turn: nobody comes again while the service still remembers them, so that each profile is a look-up. */
export const restProfile: Workload = {
  name: 'rest-profile',
  title: "REST: a person's profile, looked up in the auth-service",
  servers: ['service', 'limit', 'fastify-rest'],
  requests: ({ tokenOf }) =>
    Array.from({ length: PEOPLE - WRITERS }, (_, n) => {
      const path = `/users/${personId(n + 1)}`;
      return { method: 'GET', path, token: tokenOf(personId(1 + (n % 500))) };
    }),
};
