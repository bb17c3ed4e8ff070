import type { Reader } from '../../auth/scopes.ts';
import type { RequestContext } from '../../request-context.ts';
import { DEFAULT_TIME_ZONE } from '../streaks/zones.ts';
import { timeZoneLoaders } from './time-zones.loaders.ts';

/** Returns the time zone of a user; null when the viewer may not see it. */
export async function viewTimeZone(
  context: RequestContext,
  reader: Reader<'activity:read'> | null,
): Promise<string | null> {
  if (reader === null) return null;
  return (await timeZoneLoaders(context).byUser.load(reader.userId)) ?? DEFAULT_TIME_ZONE;
}
