import type { SQL } from 'drizzle-orm';
import { sql } from './driver/drizzle.ts';
import { authUsers } from './schema/auth-users.ts';
import { userTimeZones } from './schema/time-zones.ts';

/** The time zone of a row of `auth_users` that is in force: the last one. Null for a user without one. */
export const zoneInForce: SQL<string | null> = sql`(
  select ${userTimeZones.timeZone} from ${userTimeZones} where ${userTimeZones.authUserId} = ${authUsers.id}
  order by ${userTimeZones.effectiveFrom} desc limit 1)`.mapWith(String);
