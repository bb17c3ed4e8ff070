import { maySee } from '../../auth/scopes.ts';
import type { RequestContext } from '../../request-context.ts';
import { DEFAULT_TIME_ZONE } from '../streaks/zones.ts';
import { timeZoneLoaders } from './time-zones.loaders.ts';

/** Returns the time zone of a user; null when the viewer may not see it. */
export async function viewTimeZone(context: RequestContext, userId: string): Promise<string | null> {
  if (!maySee(context.viewer, userId, 'activity:read')) return null;
  return (await timeZoneLoaders(context).byUser.load(userId)) ?? DEFAULT_TIME_ZONE;
}
