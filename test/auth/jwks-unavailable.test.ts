import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, vi } from 'vitest';
import { startAuthService } from '../support/auth-service.ts';
import { BUSY_MACHINE_MS } from '../support/busy-machine.ts';
import { changed, type Fault, type FaultName, slow } from '../support/faults.ts';
import { it as base, describe, expect } from '../support/fixtures.ts';
import { untilReady } from '../support/ready.ts';
import { blockEventLoop, startSlowAuthService } from '../support/slow-auth-service.ts';
import { createKeysWithClock, hours, minutes } from './jwks-with-clock.ts';
import { accepted, outcomeOfToken, rejected, unverifiable } from './outcome.ts';

const it = base.extend('issuer', async ({}, { onCleanup }) => {
  const issuer = await startAuthService();
  onCleanup(() => issuer.close());
  return issuer;
});

const unavailable = 'AUTH_SERVICE_UNAVAILABLE';
const unknownKey = 'ERR_JWKS_NO_MATCHING_KEY';

const publishing = (keys: unknown): Fault => changed(() => ({ keys }));
const secret = { kty: 'oct', k: 'c2VjcmV0', kid: 'oct' };

/** Faults after which the response is not a usable JWKS. */
const unusable: [string, FaultName | number | Fault][] = [
  ['500', 500],
  ['503', 503],
  ['404', 404],
  ['a response after 10 s', slow(10_000)],
  ['no response', 'hang'],
  ['a response of one byte per 50 ms', 'drip'],
  ['a response without end', 'endless'],
  ['a response over the size limit', 'huge'],
  ['a connection reset', 'reset'],
  ['HTML', 'html'],
  ['JSON as text/plain', 'wrong-content-type'],
  ['truncated JSON', 'truncated'],
  ['204', 'no-content'],
  ['a redirect', 'redirect'],
  ['{}', 'empty-object'],
  ['a list', changed(() => [])],
  ['null', changed(() => null)],
  ['{"keys":5}', publishing(5)],
  ['keys that are not objects', publishing(['a', null])],
  ['no keys', publishing([])],
  ['a symmetric key as the only key', publishing([secret])],
  ['an invalid key as the only key', publishing([{ kty: 'RSA', e: 'AQAB', kid: 'broken' }])],
  ['a key of an unknown type as the only key', publishing([{ kty: 'XYZ', kid: 'unknown' }])],
  ['an encryption key as the only key', changed(({ keys: [key] }) => ({ keys: [{ ...key, use: 'enc' }] }))],
];

describe('while no JWKS has been fetched', () => {
  for (const [name, fault] of unusable) {
    it(`${name}: tokens get 503 with Retry-After within 2 s, never 401`, async ({ issuer, serve }) => {
      const token = await issuer.token('ada');
      issuer.fail('jwks', fault);
      const service = await serve({ AUTH_JWKS_URL: issuer.jwksUrl });
      const start = performance.now();
      expect(await outcomeOfToken(service, token)).toEqual(unverifiable);
      expect(performance.now() - start).toBeLessThan(2000 + BUSY_MACHINE_MS);
    });
  }

  it('a closed port: tokens get 503 until the endpoint is available', async ({ issuer, serve }) => {
    const token = await issuer.token('ada');
    await issuer.down();
    const service = await serve({ AUTH_JWKS_URL: issuer.jwksUrl });
    expect(await outcomeOfToken(service, token)).toEqual(unverifiable);
    await untilReady(service);
    expect(await service.rest('/users/ada/badges')).toMatchObject({ status: 200, body: [] });
    expect((await service.graphql('{ viewer { id } }')).data).toEqual({ viewer: null });
    await issuer.up();
    await expect.poll(() => outcomeOfToken(service, token), { interval: 100 }).toEqual(accepted('ada'));
  });

  it('the endpoint is called once per 2 s, for any number of tokens', async ({ issuer }) => {
    issuer.fail('jwks', 500);
    const keys = createKeysWithClock(issuer.jwksUrl);
    const token = await issuer.token('ada');
    for (let tenth = 0; tenth < 60; tenth++) {
      expect(await Promise.all([token, token, token].map(keys.verify))).toEqual(Array(3).fill(unavailable));
      keys.advance(100);
    }
    expect(issuer.callsTo('jwks')).toHaveLength(3);
    issuer.clearFaults();
    keys.advance(2000);
    expect(await keys.verify(token)).toBe('ada');
  });
});

describe('while the event loop of this process is blocked', () => {
  it('the time does not count in the time limit of a fetch', async ({ issuer, onTestFinished }) => {
    const slowIssuer = await startSlowAuthService(issuer.keys.published);
    onTestFinished(slowIssuer.close);
    const keys = createKeysWithClock(slowIssuer.jwksUrl);
    const received = slowIssuer.received();
    const verdict = keys.verify(await issuer.token('ada'));
    await received;
    await blockEventLoop(1700);
    expect(await verdict).toBe('ada');
  });
});

describe('while the refresh of a fetched JWKS fails', () => {
  for (const [name, fault] of unusable) {
    it(`${name}: the stale keys verify tokens`, async ({ issuer }) => {
      const keys = createKeysWithClock(issuer.jwksUrl);
      const token = await issuer.token('ada');
      await keys.verify(token);
      issuer.fail('jwks', fault);
      keys.advance(11 * minutes);
      issuer.calls.clear();
      expect(await keys.verify(token)).toBe('ada');
      expect(issuer.callsTo('jwks')).toHaveLength(1);
      keys.advance(minutes);
      expect(await keys.verify(token)).toBe('ada');
    });
  }

  it('the stale keys verify tokens for a day and not longer', async ({ issuer }) => {
    const keys = createKeysWithClock(issuer.jwksUrl);
    const token = await issuer.token('ada');
    await keys.verify(token);
    issuer.fail('jwks', 500);
    for (let hour = 0; hour < 23; hour++) {
      keys.advance(hours);
      expect(await keys.verify(token)).toBe('ada');
    }
    keys.advance(hours + 1);
    expect(await keys.verify(token)).toBe(unavailable);
    issuer.clearFaults();
    keys.advance(2001);
    expect(await keys.verify(token)).toBe('ada');
  });

  it('tokens do not wait for an endpoint that has just failed', async ({ issuer }) => {
    const keys = createKeysWithClock(issuer.jwksUrl);
    const token = await issuer.token('ada');
    await keys.verify(token);
    issuer.fail('jwks', 'hang');
    keys.advance(11 * minutes);
    await keys.verify(token);
    keys.advance(2001);
    const start = performance.now();
    expect(await keys.verify(token)).toBe('ada');
    expect(performance.now() - start).toBeLessThan(1400);
  });

  it('a token of an unknown key gets 503, because the key may be new', async ({ issuer, serve }) => {
    const service = await serve({ AUTH_JWKS_URL: issuer.jwksUrl });
    const old = await issuer.token('ada');
    expect(await outcomeOfToken(service, old)).toEqual(accepted('ada'));
    await issuer.keys.add();
    const token = await issuer.token('ada');
    issuer.fail('jwks', 500);
    expect(await outcomeOfToken(service, token)).toEqual(unverifiable);
    expect(await outcomeOfToken(service, old)).toEqual(accepted('ada'));
    issuer.clearFaults();
    await expect.poll(() => outcomeOfToken(service, token), { interval: 100 }).toEqual(accepted('ada'));
  });

  describe('and a token of an unknown key waits for one fetch after another', () => {
    afterEach(() => void vi.useRealTimers());

    it('it gets 503 after 2 s', async ({ issuer }) => {
      const keys = createKeysWithClock(issuer.jwksUrl);
      await keys.verify(await issuer.token('ada'));
      const unpublished = await issuer.keys.add('EdDSA', { publish: false });
      // The clock stands at the beginning of a second, so that the refetch waits for a whole one.
      vi.useFakeTimers({ toFake: ['Date'], now: Math.ceil(Date.now() / 1000) * 1000 });
      const unknown = await issuer.token('ada', { iat: undefined }, { key: unpublished });
      issuer.calls.clear();
      issuer.fail('jwks', slow(1400));
      const start = performance.now();
      const verdict = keys.verify(unknown);
      await sleep(1000);
      keys.keepFresh()();
      await expect.poll(() => issuer.callsTo('jwks').length, { interval: 10 }).toBe(1);
      issuer.fail('jwks', 'hang');
      expect(await verdict).toBe(unavailable);
      expect(performance.now() - start).toBeLessThan(2000 + BUSY_MACHINE_MS);
    });
  });

  it('a forged token of a known key gets 401', async ({ issuer, serve }) => {
    const service = await serve({ AUTH_JWKS_URL: issuer.jwksUrl });
    const { kid } = await issuer.keys.newest();
    await outcomeOfToken(service, await issuer.token('ada'));
    issuer.fail('jwks', 500);
    const key = await issuer.keys.add('EdDSA', { kid, publish: false });
    expect(await outcomeOfToken(service, await issuer.token('ada', {}, { key }))).toEqual(rejected);
    expect(await outcomeOfToken(service, 'a.b.c')).toEqual(rejected);
  });

  it('a flood of unknown keys causes one fetch per 2 s and does not affect known keys', async ({ issuer }) => {
    const keys = createKeysWithClock(issuer.jwksUrl);
    const token = await issuer.token('ada');
    await keys.verify(token);
    issuer.fail('jwks', 500);
    issuer.calls.clear();
    const unpublished = await issuer.keys.add('EdDSA', { publish: false });
    const unknown = await issuer.token('ada', {}, { key: unpublished });
    for (let tenth = 0; tenth < 60; tenth++) {
      const verified = await Promise.all([unknown, token, unknown].map(keys.verify));
      expect(verified).toEqual([unavailable, 'ada', unavailable]);
      keys.advance(100);
    }
    expect(issuer.callsTo('jwks')).toHaveLength(3);
    issuer.clearFaults();
    keys.advance(2000);
    expect(await keys.verify(unknown)).toBe(unknownKey);
    expect(await keys.verify(token)).toBe('ada');
  });
});

describe('a JWKS with unusable keys', () => {
  it('verifies tokens with its usable keys', async ({ issuer }) => {
    issuer.keys.published.unshift(secret, { kty: 'RSA', e: 'AQAB', kid: 'broken' }, { kty: 'XYZ' });
    const keys = createKeysWithClock(issuer.jwksUrl);
    expect(await keys.verify(await issuer.token('ada'))).toBe('ada');
    expect(await keys.verify(await issuer.token('ada', {}, { header: { kid: undefined } }))).toBe('ada');
  });
});
