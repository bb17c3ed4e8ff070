import { customType } from '../driver/drizzle.ts';

/** `timestamptz` as RFC 3339 text in UTC; `query/column-decoders.ts` decodes it. */
export const instant = customType<{ data: string; driverData: string }>({ dataType: () => 'timestamp with time zone' });

/** Text in ASCII, in the order of its bytes instead of the collation of the database. */
export const asciiText = customType<{ data: string; driverData: string }>({ dataType: () => 'text collate "C"' });
