import { type AuthUser, MAX_IDS_PER_LOOKUP } from '../../auth-service/auth-service.ts';
import { requestLoader } from '../../loaders/row-loaders.ts';
import { perRequest } from '../../request-context.ts';

export const userLoaders = perRequest(({ authService }) => ({
  /** Null for a user that does not exist. Throws AUTH_SERVICE_UNAVAILABLE. */
  authUserById: requestLoader(
    async (ids: readonly string[]): Promise<(AuthUser | null)[]> => {
      const users = await authService.usersByIds(ids);
      return ids.map((id) => users.get(id) ?? null);
    },
    { maxBatchSize: MAX_IDS_PER_LOOKUP },
  ),
}));
