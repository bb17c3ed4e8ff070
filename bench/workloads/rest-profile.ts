import { READ_ONLY_USERS, userId } from '../database/seed.ts';
import { viewer, type Workload } from './workload.ts';

/** Requests each user in turn. No user repeats while the service caches them, so each profile needs a lookup. */
export const restProfile: Workload = {
  name: 'rest-profile',
  title: "REST: a user's profile, with a lookup in the auth-service",
  servers: ['service', 'limit', 'fastify-rest'],
  requests: ({ tokenFor }) =>
    Array.from({ length: READ_ONLY_USERS }, (_, n) => ({
      method: 'GET',
      path: `/users/${userId(n + 1)}`,
      token: tokenFor(viewer(n)),
    })),
};
