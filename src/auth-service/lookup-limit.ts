import { AppError } from '../errors.ts';
import type { ExcludeWait } from '../lib/exclude-wait.ts';
import type { PropagatedHeaders } from '../lib/trace-context.ts';
import { type AuthService, type AuthServiceClient, MAX_IDS_PER_REQUEST } from './auth-service.ts';

/** The request that looks users up. */
interface LookupRequest {
  /** Returns the headers that its calls carry. */
  headersOf: () => PropagatedHeaders;
  excludeWait: ExcludeWait;
}

/**
 * Returns the auth-service as one request may use it: lookups of more than `MAX_IDS_PER_REQUEST` users in all fail with
 * BAD_USER_INPUT, and send nothing.
 */
export function limitLookups(authService: AuthServiceClient, request: LookupRequest): AuthService {
  const { headersOf, excludeWait } = request;
  let remaining = MAX_IDS_PER_REQUEST;
  return {
    usersByIds: async (ids) => {
      if (ids.length > remaining) {
        throw new AppError('BAD_USER_INPUT', `A request can look up at most ${MAX_IDS_PER_REQUEST} users`);
      }
      remaining -= ids.length;
      return excludeWait(() => authService.usersByIds(ids, headersOf()));
    },
    ownUser: (viewer) => excludeWait(() => authService.ownUser(viewer, headersOf())),
  };
}
