import { Agent, request } from 'node:http';
import {
  AMPLIFIED,
  COMPILED,
  CONVOLUTED,
  type CostlyClass,
  type CostlyOperation,
  MUTATIONS,
} from '../../security/costly-operations.ts';
import { type OtherClient, startOtherClient, usualTime } from '../../security/other-client.ts';
import { it, type Replica } from '../../security/replica.ts';
import { BUSY_MACHINE_MS } from '../../support/busy-machine.ts';
import type { TestDatabase } from '../../support/database.ts';
import { describe, expect } from '../../support/fixtures.ts';
import { CONTAINER_MB } from '../../support/image.ts';
import { peakMemory, resetPeakMemory, showsUsage } from '../../support/process-usage.ts';

/** Requests of the hostile client at the same time. */
const CONCURRENCY = 40;
/** Margin of the other client's response times, for a machine that is busy with tests. A handler has 3 s. */
const MARGIN_MS = 3000 + BUSY_MACHINE_MS;
/** Log lines of one request: its own, and one for each of a few causes of errors. */
const LINES_PER_REQUEST = 3;

/** Numbers of requests that ended a process with 512 MB before its limits existed. The others are sent 40 times. */
const COUNTS: Record<string, number> = { aliases: 240, defaults: 240, fragments: 240, operations: 520, documents: 120 };
const GROUPS = { 'compiled queries': COMPILED, amplification: AMPLIFIED, 'convoluted operations': CONVOLUTED };
const CLASSES = Object.entries({ ...GROUPS, mutations: MUTATIONS }).flatMap(([group, classes]) =>
  Object.entries<CostlyClass>(classes).map(([key, { name, make }]) => {
    const count = (group === 'compiled queries' ? COUNTS[key] : undefined) ?? CONCURRENCY;
    return { group, name, count, make };
  }),
);

describe('a hostile client', () => {
  it.for(CLASSES)(
    'neither ends the service nor stops others with $group: $name',
    {
      timeout: 120_000,
    },
    async ({ make, count }, { replica, db, skip }) => {
      skip(!showsUsage, 'this system does not show the memory of processes');
      const bodies = Array.from({ length: count }, (_, index) => bodyOf(make(index)));
      const usual = await usualTime(replica);
      const [before, linesBefore] = [await fingerprint(db), replica.stdout.length];
      resetPeakMemory(replica.pid);
      const other = startOtherClient(replica);
      const statuses = await sendAll(replica, bodies);
      const { slowestMs, requests, failures }: OtherClient = await other.stop();

      expect(failures).toEqual([]);
      expect(slowestMs).toBeLessThan(2 * usual + MARGIN_MS);
      expect(peakMemory(replica.pid)).toBeLessThan(CONTAINER_MB);
      expect(statuses.filter((status) => ![0, 200, 400, 503].includes(status))).toEqual([]);
      expect(await fingerprint(db)).toBe(before);
      expect(replica.stdout.length - linesBefore).toBeLessThanOrEqual(LINES_PER_REQUEST * (count + requests));
      expect(replica.stderr).toEqual([]);
    },
  );
});

function bodyOf(operation: CostlyOperation | string): string {
  return typeof operation === 'string' ? operation : JSON.stringify(operation);
}

/** Sends the operations, 40 at a time, and returns the statuses; 0 when the service has closed the connection. */
async function sendAll(replica: Replica, bodies: readonly string[]): Promise<number[]> {
  const agent = new Agent({ keepAlive: true, maxSockets: CONCURRENCY });
  const statuses = await Promise.all(bodies.map((body) => post(replica, body, agent)));
  agent.destroy();
  return statuses;
}

function post({ url, token }: Replica, body: string, agent: Agent): Promise<number> {
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${token}` };
  const { promise, resolve } = Promise.withResolvers<number>();
  const outgoing = request(`${url}/graphql`, { method: 'POST', headers, agent }, (response) => {
    const finish = () => resolve(response.complete ? (response.statusCode ?? 0) : 0);
    response
      .on('error', () => undefined)
      .on('close', finish)
      .resume();
  });
  outgoing.on('error', () => resolve(0)).end(body);
  return promise;
}

/** Returns a hash of all rows but those of the other client. */
async function fingerprint({ sql }: TestDatabase): Promise<string> {
  const [row] = await sql`
    select (select md5(string_agg(id || auth_user_id || name, ',' order by id)) from badges where auth_user_id <> 'ada')
      || (select md5(string_agg(id || auth_user_id || title || version, ',' order by id)) from learning_goals)
      || (select count(*) from auth_users where id <> 'ada') || (select count(*) from idempotency_keys) as hash`;
  return String(row?.hash);
}
