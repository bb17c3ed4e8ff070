import type { Sql } from 'postgres';
import { it as base, expect } from '../support/fixtures.ts';
import type { HttpClient, RestResponse } from '../support/http-client.ts';
import { createProxy } from '../support/proxy.ts';

export const POOL_SIZE = 3;
/** Answers come from a cache nowhere. */
export const READ = '/users/nobody/badges';

/** A service with a pool of POOL_SIZE behind a proxy that a test can spoil. */
export const it = base
  .extend('proxy', async ({ db }, { onCleanup }) => {
    const proxy = await createProxy(db.url);
    onCleanup(() => proxy.close());
    await proxy.open();
    return proxy;
  })
  .extend('proxied', async ({ serve, proxy }) =>
    serve({ DATABASE_URL: proxy.url, DATABASE_POOL_SIZE: String(POOL_SIZE) }),
  );

/** As it goes over the wire; the startup message has a "committed". */
export const COMMIT = 'commit\0';

const INTERNALS = /node_modules|at .*:\d+:\d+|Failed query|params:|insert into|select .* from|postgres:\/\/|ECONN/i;

/** The one answer that faults of the database have. */
export function expectUnavailable({ status, headers, body, text }: RestResponse) {
  expect({ status, body }).toMatchObject({ status: 503, body: { code: 'SERVICE_UNAVAILABLE' } });
  expect(Number(headers['retry-after'])).toBeGreaterThanOrEqual(1);
  expect(text).not.toMatch(INTERNALS);
}

/** What `act` gives, and how long that took. */
export async function timed<Result>(act: () => Promise<Result>): Promise<{ ms: number; result: Result }> {
  const start = performance.now();
  const result = await act();
  return { ms: performance.now() - start, result };
}

/** Calls until the answer is good; resolves with how long that took. */
export async function untilWell({ rest }: HttpClient, withinMs = 10_000): Promise<number> {
  const { ms } = await timed(() =>
    expect.poll(async () => (await rest(READ)).status, { timeout: withinMs, interval: 10 }).toBe(200),
  );
  return ms;
}

/** How many statements of services on this database wait, for a lock or in `pg_sleep`. Not to be asked in a transaction. */
export async function countWaiting(sql: Sql, event: 'Lock' | 'Timeout' = 'Lock'): Promise<number> {
  const [row] = await sql<{ count: number }[]>`
    select count(*)::int as count from pg_stat_activity
    where datname = current_database() and application_name = 'user-service' and wait_event_type = ${event}`;
  return row?.count ?? 0;
}

/** Makes one statement for each connection of the pool wait for a lock, and finds all of them waiting at once. */
export async function expectWholePool({ rest }: HttpClient, sql: Sql, poolSize = POOL_SIZE) {
  await expect.poll(() => mostAtOnce(rest, sql, poolSize), { timeout: 10_000, interval: 50 }).toBe(poolSize);
  await expect.poll(async () => (await rest(READ)).status).toBe(200);
}

async function mostAtOnce(rest: HttpClient['rest'], sql: Sql, wanted: number): Promise<number> {
  const { most, reads } = await sql.begin(async (tx) => {
    await tx`lock table badges in access exclusive mode`;
    let settled = 0;
    // Reads that differ share no statement.
    const reads = Array.from({ length: wanted }, (_, n) => rest(`${READ}?limit=${n + 1}`).finally(() => settled++));
    let most = 0;
    while (most < wanted && settled === 0) most = await countWaiting(sql);
    return { most, reads: Promise.all(reads) };
  });
  await reads;
  return most;
}
