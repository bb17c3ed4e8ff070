import { startAuthService } from '../support/auth-service.ts';
import { send, slow } from '../support/faults.ts';
import { it as base, describe, expect } from '../support/fixtures.ts';
import { createKeysWithClock, hours, minutes } from './jwks-with-clock.ts';
import { accepted, outcomeOfToken, rejected } from './outcome.ts';

/** An issuer per test: its keys do not affect other tests. */
const it = base.extend('issuer', async ({}, { onCleanup }) => {
  const issuer = await startAuthService();
  onCleanup(() => issuer.close());
  return issuer;
});

const unknownKey = 'ERR_JWKS_NO_MATCHING_KEY';

it('the JWKS cache uses no kept connection, which the server may close when a fetch uses it', async ({ issuer }) => {
  const sockets = new Set<unknown>();
  issuer.fail('jwks', (exchange) => {
    sockets.add(exchange.request.socket);
    send(exchange);
  });
  const keys = createKeysWithClock(issuer.jwksUrl);
  const token = await issuer.token('ada');
  for (let fetches = 1; fetches <= 3; fetches++) {
    expect(await keys.verify(token)).toBe('ada');
    expect(sockets.size).toBe(fetches);
    keys.advance(11 * minutes);
  }
});

describe('the JWKS cache, after a key rotation,', () => {
  it('accepts a new key at once, after one fetch', async ({ issuer, serve }) => {
    const service = await serve({ AUTH_JWKS_URL: issuer.jwksUrl });
    const before = await issuer.token('ada');
    expect(await outcomeOfToken(service, before)).toEqual(accepted('ada'));
    await issuer.keys.add();
    const after = await issuer.token('ada');
    issuer.calls.clear();
    expect(await outcomeOfToken(service, after)).toEqual(accepted('ada'));
    expect(await outcomeOfToken(service, before)).toEqual(accepted('ada'));
    expect(issuer.callsTo('jwks')).toHaveLength(1);
  });

  it('accepts a second new key right after the first', async ({ issuer }) => {
    const keys = createKeysWithClock(issuer.jwksUrl);
    await keys.verify(await issuer.token('ada'));
    await issuer.keys.add();
    expect(await keys.verify(await issuer.token('ada'))).toBe('ada');
    await issuer.keys.add();
    expect(await keys.verify(await issuer.token('ada'))).toBe('ada');
  });

  it('rejects a withdrawn key when the JWKS is refreshed after ten minutes', async ({ issuer }) => {
    const keys = createKeysWithClock(issuer.jwksUrl);
    const old = await issuer.keys.newest();
    const token = await issuer.token('ada');
    expect(await keys.verify(token)).toBe('ada');
    await issuer.keys.add();
    issuer.keys.remove(old.kid);
    keys.advance(9 * minutes);
    expect(await keys.verify(token)).toBe('ada');
    keys.advance(2 * minutes);
    expect(await keys.verify(token)).toBe(unknownKey);
  });

  it('rejects a withdrawn key on the first request after a long idle time', async ({ issuer }) => {
    const keys = createKeysWithClock(issuer.jwksUrl);
    const old = await issuer.keys.newest();
    const token = await issuer.token('ada');
    await keys.verify(token);
    await issuer.keys.add();
    issuer.keys.remove(old.kid);
    keys.advance(20 * hours);
    expect(await keys.verify(token)).toBe(unknownKey);
  });

  it('accepts a key that is replaced under the same kid after the refresh', async ({ issuer }) => {
    const keys = createKeysWithClock(issuer.jwksUrl);
    const { kid } = await issuer.keys.newest();
    await keys.verify(await issuer.token('ada'));
    issuer.keys.remove(kid);
    await issuer.keys.add('EdDSA', { kid });
    const token = await issuer.token('ada');
    expect(await keys.verify(token)).toBe('ERR_JWS_SIGNATURE_VERIFICATION_FAILED');
    keys.advance(11 * minutes);
    expect(await keys.verify(token)).toBe('ada');
  });
});

describe('the JWKS is fetched', () => {
  it('once for many concurrent first tokens', async ({ issuer }) => {
    issuer.fail('jwks', slow(50));
    const keys = createKeysWithClock(issuer.jwksUrl);
    const tokens = await Promise.all(Array.from({ length: 50 }, (_, i) => issuer.token(`user-${i}`)));
    const verified = await Promise.all(tokens.map(keys.verify));
    expect(verified).toEqual(tokens.map((_, i) => `user-${i}`));
    expect(issuer.callsTo('jwks')).toHaveLength(1);
  });

  it('once when the service starts, before the first token', async ({ issuer, serve }) => {
    const service = await serve({ AUTH_JWKS_URL: issuer.jwksUrl });
    await expect.poll(() => issuer.callsTo('jwks')).toHaveLength(1);
    expect(await outcomeOfToken(service, await issuer.token('ada'))).toEqual(accepted('ada'));
    expect(issuer.callsTo('jwks')).toHaveLength(1);
  });

  it('at most once per cooldown for 200 tokens of unknown keys', async ({ issuer, serve }) => {
    const service = await serve({ AUTH_JWKS_URL: issuer.jwksUrl });
    const valid = await issuer.token('ada');
    await outcomeOfToken(service, valid);
    issuer.calls.clear();
    const unpublished = await issuer.keys.add('EdDSA', { publish: false });
    const flood = await Promise.all(
      Array.from({ length: 200 }, (_, i) => issuer.token('ada', {}, { key: unpublished, header: { kid: `kid-${i}` } })),
    );
    const answers = await Promise.all(flood.map((token) => service.rest('/users/me', { token })));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([401]));
    expect(issuer.callsTo('jwks').length).toBeLessThanOrEqual(1);
    expect(await outcomeOfToken(service, flood[0] ?? '')).toEqual(rejected);
    expect(await outcomeOfToken(service, valid)).toEqual(accepted('ada'));
    expect(issuer.callsTo('jwks').length).toBeLessThanOrEqual(1);
  });

  it('for unknown keys of old tokens after each 30 s, and not before', async ({ issuer }) => {
    const keys = createKeysWithClock(issuer.jwksUrl);
    await keys.verify(await issuer.token('ada'));
    issuer.calls.clear();
    const unpublished = await issuer.keys.add('EdDSA', { publish: false });
    const iat = Math.floor(Date.now() / 1000) - 60;
    for (let second = 0; second < 120; second++) {
      expect(await keys.verify(await issuer.token('ada', { iat }, { key: unpublished }))).toBe(unknownKey);
      keys.advance(1000);
    }
    expect(issuer.callsTo('jwks')).toHaveLength(3);
  });

  it('every ten minutes under load', async ({ issuer }) => {
    const keys = createKeysWithClock(issuer.jwksUrl);
    const token = await issuer.token('ada');
    for (let minute = 0; minute < 60; minute++) {
      expect(await keys.verify(token)).toBe('ada');
      keys.advance(minutes);
    }
    expect(issuer.callsTo('jwks').length).toBeGreaterThanOrEqual(5);
    expect(issuer.callsTo('jwks').length).toBeLessThanOrEqual(6);
  });
});
