import type { Reader } from '../../auth/scopes.ts';
import type { RequestContext } from '../../request-context.ts';
import { excusedDatesLoaders } from './excused-dates.loaders.ts';
import type { ExcusedDates } from './range.ts';

/** Returns a user's ranges that are not void, in the order of `from`; null when the viewer may not see them. */
export async function viewExcusedDates(
  context: RequestContext,
  reader: Reader<'activity:read'> | null,
): Promise<ExcusedDates[] | null> {
  return reader && excusedDatesLoaders(context).byUser.load(reader.userId);
}
