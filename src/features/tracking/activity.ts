/** Tolerated difference between the clocks of client and service: 5 minutes. */
export const MAX_AHEAD_MS = 300_000;

/**
 * The local date of an activity is at most one day from its date in UTC. So activities whose local dates are more than
 * this number of days apart occurred in the order of their dates. Only nearer ones have to be compared.
 */
export const UNORDERED_DAYS = 2;

/** An action of a user, such as a completed lesson. */
export interface Activity {
  id: number;
  userId: string;
  /** The client's own id, unique for the user. */
  eventId: string;
  verb: string;
  objectId: string | null;
  /** Null also when the goal is deleted. */
  goalId: number | null;
  quantity: number;
  /** RFC 3339, UTC, as are the other instants. */
  occurredAt: string;
  /** The date of `occurredAt` in the zone that was in force then. */
  localDate: string;
  timeZone: string;
  recordedAt: string;
  voidedAt: string | null;
}

/** An activity to store. */
export interface NewActivity extends Activity {
  /** Whether the client left `occurredAt` out. */
  isOccurredAtDefault: boolean;
}
