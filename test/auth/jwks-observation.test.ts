import { afterEach, vi } from 'vitest';
import { startAuthService } from '../support/auth-service.ts';
import { slow } from '../support/faults.ts';
import { it as base, describe, expect } from '../support/fixtures.ts';
import { scrape, sumOf } from '../telemetry/exposition.ts';
import { createKeysWithClock, minutes } from './jwks-with-clock.ts';
import { outcomeOfToken, unverifiable } from './outcome.ts';

const it = base.extend('issuer', async ({}, { onCleanup }) => {
  const issuer = await startAuthService();
  onCleanup(() => issuer.close());
  return issuer;
});

const AGE = 'auth_service_jwks_age_seconds';
const FETCHES = 'http_client_request_duration_seconds_count';

describe('a JWKS endpoint that fails', () => {
  it('is logged when it begins to fail and when it recovers, and not at each attempt', async ({ issuer }) => {
    const lines: unknown[] = [];
    const log = {
      warn: (fields: object, message: string) => lines.push(['warn', message, fields]),
      info: (fields: object, message: string) => lines.push(['info', message, fields]),
    };
    const keys = createKeysWithClock(issuer.jwksUrl, { log });
    const token = await issuer.token('ada');
    await keys.verify(token);
    issuer.fail('jwks', 500);
    issuer.calls.clear();
    const verifyLater = async () => {
      keys.advance(11 * minutes);
      expect(await keys.verify(token)).toBe('ada');
    };
    const attempts = async () => {
      await verifyLater();
      return issuer.callsTo('jwks').length;
    };
    await expect.poll(attempts).toBeGreaterThan(3);
    const failure = ['warn', 'the JWKS cannot be fetched', { err: expect.objectContaining({ status: 500 }) }];
    expect(lines).toEqual([failure]);
    issuer.clearFaults();
    const recovery = ['info', 'the JWKS is fetched again', {}];
    await expect.poll(() => verifyLater().then(() => lines)).toEqual([failure, recovery]);
  });

  it('is counted, logged with its status, and an infinite age of the keys before the first', async ({
    issuer,
    serve,
  }) => {
    issuer.fail('jwks', 404);
    const service = await serve({ AUTH_JWKS_URL: issuer.jwksUrl });
    expect(await outcomeOfToken(service, await issuer.token('ada'))).toEqual(unverifiable);
    const series = await scrape(service);
    expect(sumOf(series, FETCHES, { peer_service: 'jwks', error_type: '404' })).toBe(1);
    expect((await service.rest('/metrics')).text).toContain(`\n${AGE} +Inf\n`);
    const warnings = service.logs.filter(({ msg }) => msg === 'the JWKS cannot be fetched');
    expect(warnings).toMatchObject([{ level: 'warn', err: { message: 'response with status 404' } }]);
  });

  it('by its timeout is counted as one', async ({ issuer, serve }) => {
    issuer.fail('jwks', slow(5000));
    const service = await serve({ AUTH_JWKS_URL: issuer.jwksUrl });
    const timeouts = async () => sumOf(await scrape(service), FETCHES, { peer_service: 'jwks', error_type: 'timeout' });
    await expect.poll(timeouts, { timeout: 20_000 }).toBe(1);
  });
});

describe('a JWKS that is fetched', () => {
  afterEach(() => void vi.useRealTimers());

  it('is counted, and has an age', async ({ issuer, serve }) => {
    const service = await serve({ AUTH_JWKS_URL: issuer.jwksUrl });
    const fetches = async () => sumOf(await scrape(service), FETCHES, { peer_service: 'jwks', error_type: undefined });
    await expect.poll(fetches).toBe(1);
    const age = sumOf(await scrape(service), AGE);
    expect(age).toBeGreaterThan(0);
    expect(age).toBeLessThan(60);
  });

  it('is refreshed when it is old, without any token', async ({ issuer }) => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    const keys = createKeysWithClock(issuer.jwksUrl);
    const stop = keys.keepFresh();
    await expect.poll(() => keys.age()).toBe(0);
    keys.advance(9 * minutes);
    vi.advanceTimersByTime(minutes);
    expect(keys.age()).toBe(9 * minutes);
    keys.advance(2 * minutes);
    vi.advanceTimersByTime(minutes);
    await expect.poll(() => keys.age()).toBe(0);
    expect(issuer.callsTo('jwks')).toHaveLength(2);
    stop();
    keys.advance(11 * minutes);
    vi.advanceTimersByTime(minutes);
    expect(issuer.callsTo('jwks')).toHaveLength(2);
  });

  it('has no age where tokens are verified with a secret', async ({ serve }) => {
    const service = await serve({ AUTH_JWKS_URL: undefined, AUTH_JWT_SECRET: 's'.repeat(32) });
    expect((await service.rest('/metrics')).text).not.toContain(AGE);
  });
});
