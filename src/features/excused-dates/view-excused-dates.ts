import { maySee } from '../../auth/scopes.ts';
import type { RequestContext } from '../../request-context.ts';
import { excusedDatesLoaders } from './excused-dates.loaders.ts';
import type { ExcusedDates } from './range.ts';

/** Returns a user's ranges that are not void, in the order of `from`; null when the viewer may not see them. */
export async function viewExcusedDates(context: RequestContext, userId: string): Promise<ExcusedDates[] | null> {
  return maySee(context.viewer, userId, 'activity:read') ? excusedDatesLoaders(context).byUser.load(userId) : null;
}
