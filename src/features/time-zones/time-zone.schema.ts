import { Type } from 'typebox';

const timeZone = Type.String({ description: 'A name of the IANA time zone database.', examples: ['Europe/Berlin'] });

export const TimeZoneBody = Type.Object(
  { time_zone: timeZone },
  { additionalProperties: false, title: 'NewTimeZone', description: 'The time zone to set.' },
);
export const TimeZoneResponse = Type.Object(
  { time_zone: timeZone },
  { title: 'TimeZone', description: "A user's time zone." },
);
