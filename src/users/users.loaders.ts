import DataLoader from 'dataloader';
import { keepFailure } from '../lib/batch.ts';
import type { Scope } from '../scope.ts';
import { type AuthUser, MAX_IDS_PER_CALL } from './user.ts';

/** People as the auth-service knows them: every id of a tick in one call, at most 100 ids a call. */
export function userLoaders({ users }: Scope) {
  const authUserById = async (ids: readonly string[]): Promise<(AuthUser | null)[]> => {
    const found = await users.usersByIds(ids);
    return ids.map((id) => found.get(id) ?? null);
  };
  return {
    authUserById: new DataLoader(keepFailure(authUserById), { maxBatchSize: MAX_IDS_PER_CALL }),
  };
}
