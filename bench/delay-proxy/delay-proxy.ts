import { fileURLToPath } from 'node:url';
import postgres from 'postgres';
import { median } from '../measurement/statistics.ts';
import { startHelper } from '../processes/helper-process.ts';

const PROGRAM = fileURLToPath(new URL('main.ts', import.meta.url));
const MEASURED_TRIPS = 100;

/** Sets the delay of every response. */
export interface DelayMessage {
  ms: number;
}

/** A proxy process between the servers and PostgreSQL that makes each round trip longer. */
export interface DelayProxy {
  /** The database's URL, with the host and port of the proxy. */
  url: string;
  /** Sets the time that is added to each round trip, in milliseconds. */
  setDelay(ms: number): Promise<void>;
  /** Returns the median time of a statement without work through the proxy, in milliseconds. */
  measureRoundTrip(): Promise<number>;
  stop(): void;
}

export async function startDelayProxy(databaseUrl: string, cores: string | undefined): Promise<DelayProxy> {
  const { call, stop } = startHelper([PROGRAM, databaseUrl], cores);
  const send = (message: DelayMessage) => call<string>(message);
  const url = await send({ ms: 0 });
  return {
    url,
    async setDelay(ms) {
      await send({ ms });
    },
    measureRoundTrip: () => measureRoundTrip(url),
    stop,
  };
}

async function measureRoundTrip(url: string): Promise<number> {
  const sql = postgres(url, { max: 1 });
  const times: number[] = [];
  try {
    await sql`select`;
    while (times.length < MEASURED_TRIPS) {
      const start = performance.now();
      await sql`select`;
      times.push(performance.now() - start);
    }
  } finally {
    await sql.end();
  }
  return median(times);
}
