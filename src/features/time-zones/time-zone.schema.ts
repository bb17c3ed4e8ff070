import { Type } from 'typebox';

const EXAMPLES = { examples: ['Europe/Berlin'] };

export const TimeZoneBody = Type.Object(
  {
    time_zone: Type.String({
      description: 'A name of the IANA time zone database, links included, in its exact spelling; no offset.',
      ...EXAMPLES,
    }),
  },
  { additionalProperties: false, title: 'NewTimeZone', description: 'The time zone to set.' },
);
export const TimeZoneResponse = Type.Object(
  { time_zone: Type.String({ description: 'A name of the IANA time zone database.', ...EXAMPLES }) },
  { title: 'TimeZone', description: "A user's time zone." },
);
