/**
 * The maximum lengths of texts that are much shorter than others, in bytes of JSON, by type and field. A batch of 1,000
 * results would else count as more than a response may have.
 */
export const TEXT_LENGTHS: Readonly<Record<string, number>> = {
  'Activity.eventId': 200,
  'Activity.objectId': 800,
  'Activity.timeZone': 64,
  'Activity.verb': 64,
  'ExcusedDates.reason': 2000,
  'RecordActivityResult.code': 30,
  'RecordActivityResult.message': 400,
  'SetTimeZonePayload.timeZone': 64,
  'User.timeZone': 64,
};
