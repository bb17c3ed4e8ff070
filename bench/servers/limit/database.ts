import type Postgres from 'postgres';

/**
 * The published driver of `bench/node_modules`, or by default the patched driver of the service. In the published one a
 * queue grows under steady load and slows down requests.
 */
const packages = process.argv.includes('--published-driver') ? '../../node_modules' : '../../../node_modules';
const { default: postgres } = (await import(new URL(`${packages}/postgres/src/index.js`, import.meta.url).href)) as {
  default: typeof Postgres;
};

const { DATABASE_URL = '' } = process.env;
const TIMESTAMPTZ = 1184;
const BIGINT = 20;

/**
 * Reformats instants as text instead of parsing them, and reads ids as numbers: the ids of the seed are small enough.
 */
export const sql = postgres(DATABASE_URL, {
  max: 10,
  fetch_types: false,
  connection: { TimeZone: 'UTC' },
  types: {
    instant: {
      to: TIMESTAMPTZ,
      from: [TIMESTAMPTZ],
      serialize: (text: string) => text,
      parse: (text: string) => `${text.slice(0, 10)}T${text.slice(11, -3)}Z`,
    },
    id: { to: BIGINT, from: [BIGINT], serialize: String, parse: Number },
  },
});

/** Formats a `text[]` literal. Ids need no escaping. */
export function textArray(ids: readonly string[]): string {
  return `{${ids.join(',')}}`;
}

export const STATUS: Readonly<Record<string, string>> = {
  'not-started': 'NOT_STARTED',
  'in-progress': 'IN_PROGRESS',
  paused: 'PAUSED',
  completed: 'COMPLETED',
  archived: 'ARCHIVED',
};
