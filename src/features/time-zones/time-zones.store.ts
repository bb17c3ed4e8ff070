import { valuePerUser } from '../../db/query/value-per-user.ts';
import { zoneInForce } from '../../db/zone-in-force.ts';

/** Returns the zones in force, in the order of the user ids; null for a user without one. */
export const findTimeZones = valuePerUser({ timeZone: zoneInForce }, (row) => row?.timeZone ?? null);
