import type { Sql } from 'postgres';
import type { Env, Service } from '../support/app.ts';
import { expect } from '../support/fixtures.ts';
import type { HttpClient, RestResponse } from '../support/http-client.ts';
import { it as base } from '../support/proxied.ts';
import type { TcpProxy } from '../support/proxy.ts';
import { countWaiting } from '../support/waiting.ts';

export const POOL_SIZE = 3;
/** A path whose response is never cached. */
export const READ = '/users/unknown-user/badges';

/** `proxied` is the service of `serveProxied`. */
export const it = base.extend('proxied', async ({ serve, proxy }) => serveProxied({ serve, proxy }));

interface Proxied {
  serve(env: Env): Promise<Service>;
  proxy: Pick<TcpProxy, 'url'>;
}

/** Starts a service with a pool of POOL_SIZE connections through the proxy. */
export function serveProxied({ serve, proxy }: Proxied): Promise<Service> {
  return serve({ DATABASE_URL: proxy.url, DATABASE_POOL_SIZE: String(POOL_SIZE) });
}

const INTERNALS = /node_modules|at .*:\d+:\d+|Failed query|params:|insert into|select .* from|postgres:\/\/|ECONN/i;

/** Expects the response to database faults. */
export function expectUnavailable({ status, headers, body, text }: RestResponse) {
  expect({ status, body }).toMatchObject({ status: 503, body: { code: 'SERVICE_UNAVAILABLE' } });
  expect(Number(headers['retry-after'])).toBeGreaterThanOrEqual(1);
  expect(text).not.toMatch(INTERNALS);
}

/** Returns the result of `act` and its duration. */
export async function timed<Result>(act: () => Promise<Result>): Promise<{ ms: number; result: Result }> {
  const start = performance.now();
  const result = await act();
  return { ms: performance.now() - start, result };
}

/** Repeats a read until it succeeds and returns the elapsed milliseconds. */
export async function untilAvailable({ rest }: HttpClient, withinMs = 10_000): Promise<number> {
  const { ms } = await timed(() =>
    expect.poll(async () => (await rest(READ)).status, { timeout: withinMs, interval: 10 }).toBe(200),
  );
  return ms;
}

/** Expects that all connections of the pool work: one statement on each waits for a lock at the same time. */
export async function expectCompletePool({ rest }: HttpClient, sql: Sql, poolSize = POOL_SIZE) {
  await expect.poll(() => maxWaiting(rest, sql, poolSize), { timeout: 10_000, interval: 50 }).toBe(poolSize);
  await expect.poll(async () => (await rest(READ)).status).toBe(200);
}

async function maxWaiting(rest: HttpClient['rest'], sql: Sql, target: number): Promise<number> {
  const { max, reads } = await sql.begin(async (tx) => {
    await tx`lock table badges in access exclusive mode`;
    let settled = 0;
    // Reads with different arguments are not batched.
    const reads = Array.from({ length: target }, (_, n) => rest(`${READ}?limit=${n + 1}`).finally(() => settled++));
    let max = 0;
    while (max < target && settled === 0) max = await countWaiting(sql);
    return { max, reads: Promise.all(reads) };
  });
  await reads;
  return max;
}
