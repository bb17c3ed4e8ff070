import type { Json } from '../../support/json.ts';

export const RECORD = `mutation($input: RecordActivityInput!) { recordActivity(input: $input) {
  replayed
  activity { id eventId verb objectId quantity occurredAt localDate timeZone recordedAt voidedAt goal { id } }
  user { id streak { unit current longest totalDays status startedOn lastActiveOn brokenOn expiresAt } }
  badges { name }
} }`;

export const RECORD_ALL = `mutation($activities: [RecordActivityInput!]!) {
  recordActivities(input: { activities: $activities }) { results { status activity { id eventId } code message } }
}`;

export const VOID = `mutation($id: ID!) {
  voidActivity(input: { id: $id }) { activity { id voidedAt } user { streak { current totalDays } } }
}`;

/** Returns the code of the only error of a response. */
export function codeOf({ errors }: { errors: Json[] | undefined }): string | undefined {
  return errors?.length === 1 ? errors[0]?.extensions.code : undefined;
}

/** Returns the claims of a token that is issued at the time and valid for an hour. */
export function issuedAt(time: Date): { iat: number; exp: number } {
  const iat = Math.floor(time.getTime() / 1000);
  return { iat, exp: iat + 3600 };
}
