/** Tolerated difference between the clocks of client and service: 5 minutes. */
export const MAX_AHEAD_MS = 300_000;

/** Something that a user did. */
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
