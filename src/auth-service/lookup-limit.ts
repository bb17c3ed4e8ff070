import { AppError } from '../errors.ts';
import { type AuthService, MAX_IDS_PER_REQUEST } from './auth-service.ts';

/**
 * Returns the auth-service as one request may use it: lookups of more than `MAX_IDS_PER_REQUEST` users in all fail with
 * BAD_USER_INPUT, and send nothing.
 */
export function limitLookups(authService: AuthService): AuthService {
  let remaining = MAX_IDS_PER_REQUEST;
  return {
    usersByIds: async (ids) => {
      if (ids.length > remaining) {
        throw new AppError('BAD_USER_INPUT', `A request can look up at most ${MAX_IDS_PER_REQUEST} users`);
      }
      remaining -= ids.length;
      return authService.usersByIds(ids);
    },
    ownUser: (viewer) => authService.ownUser(viewer),
  };
}
