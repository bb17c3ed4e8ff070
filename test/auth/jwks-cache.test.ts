import { startAuthService } from '../support/auth-service.ts';
import { slow } from '../support/faults.ts';
import { it as base, describe, expect } from '../support/fixtures.ts';
import { hours, keysOnClock, minutes } from './key-clock.ts';
import { accepted, refused, verdictOnToken } from './verdict.ts';

/** An issuer of the test's own: what it publishes is nobody else's business. */
const it = base.extend('issuer', async ({}, { onCleanup }) => {
  const issuer = await startAuthService();
  onCleanup(() => issuer.close());
  return issuer;
});

const unknownKey = 'ERR_JWKS_NO_MATCHING_KEY';

describe('rotation', () => {
  it('a new key is accepted right away, after one fetch', async ({ issuer, serve }) => {
    const service = await serve({ AUTH_JWKS_URL: issuer.jwksUrl });
    const before = await issuer.token('ada');
    expect(await verdictOnToken(service, before)).toEqual(accepted('ada'));
    await issuer.keys.add();
    const after = await issuer.token('ada');
    issuer.calls.clear();
    expect(await verdictOnToken(service, after)).toEqual(accepted('ada'));
    expect(await verdictOnToken(service, before)).toEqual(accepted('ada'));
    expect(issuer.callsTo('jwks')).toHaveLength(1);
  });

  it('a second new key is accepted right after the first', async ({ issuer }) => {
    const keys = keysOnClock(issuer.jwksUrl);
    await keys.verify(await issuer.token('ada'));
    await issuer.keys.add();
    expect(await keys.verify(await issuer.token('ada'))).toBe('ada');
    await issuer.keys.add();
    expect(await keys.verify(await issuer.token('ada'))).toBe('ada');
  });

  it('a removed key is refused after the ten minutes that a key set is fresh', async ({ issuer }) => {
    const keys = keysOnClock(issuer.jwksUrl);
    const old = await issuer.keys.newest();
    const token = await issuer.token('ada');
    expect(await keys.verify(token)).toBe('ada');
    await issuer.keys.add();
    issuer.keys.remove(old.kid);
    keys.pass(9 * minutes);
    expect(await keys.verify(token)).toBe('ada');
    keys.pass(2 * minutes);
    expect(await keys.verify(token)).toBe(unknownKey);
  });

  it('a removed key is refused however long nobody has called', async ({ issuer }) => {
    const keys = keysOnClock(issuer.jwksUrl);
    const old = await issuer.keys.newest();
    const token = await issuer.token('ada');
    await keys.verify(token);
    await issuer.keys.add();
    issuer.keys.remove(old.kid);
    keys.pass(20 * hours);
    expect(await keys.verify(token)).toBe(unknownKey);
  });

  it('a key that is replaced under the same kid is taken up after the fresh period', async ({ issuer }) => {
    const keys = keysOnClock(issuer.jwksUrl);
    const { kid } = await issuer.keys.newest();
    await keys.verify(await issuer.token('ada'));
    issuer.keys.remove(kid);
    await issuer.keys.add('EdDSA', { kid });
    const token = await issuer.token('ada');
    expect(await keys.verify(token)).toBe('ERR_JWS_SIGNATURE_VERIFICATION_FAILED');
    keys.pass(11 * minutes);
    expect(await keys.verify(token)).toBe('ada');
  });
});

describe('how often keys are fetched', () => {
  it('once, however many first tokens come at once', async ({ issuer }) => {
    issuer.fail('jwks', slow(50));
    const keys = keysOnClock(issuer.jwksUrl);
    const tokens = await Promise.all(Array.from({ length: 50 }, (_, i) => issuer.token(`person-${i}`)));
    const verified = await Promise.all(tokens.map(keys.verify));
    expect(verified).toEqual(tokens.map((_, i) => `person-${i}`));
    expect(issuer.callsTo('jwks')).toHaveLength(1);
  });

  it('once, at the start of the service, ahead of the first token', async ({ issuer, serve }) => {
    const service = await serve({ AUTH_JWKS_URL: issuer.jwksUrl });
    await expect.poll(() => issuer.callsTo('jwks')).toHaveLength(1);
    expect(await verdictOnToken(service, await issuer.token('ada'))).toEqual(accepted('ada'));
    expect(issuer.callsTo('jwks')).toHaveLength(1);
  });

  it('not for each of 200 tokens with keys that nobody has: once in a cooldown', async ({ issuer, serve }) => {
    const service = await serve({ AUTH_JWKS_URL: issuer.jwksUrl });
    const good = await issuer.token('ada');
    await verdictOnToken(service, good);
    issuer.calls.clear();
    const stranger = await issuer.keys.add('EdDSA', { publish: false });
    const flood = await Promise.all(
      Array.from({ length: 200 }, (_, i) => issuer.token('ada', {}, { key: stranger, header: { kid: `kid-${i}` } })),
    );
    const answers = await Promise.all(flood.map((token) => service.rest('/users/me', { token })));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([401]));
    expect(issuer.callsTo('jwks').length).toBeLessThanOrEqual(1);
    expect(await verdictOnToken(service, flood[0] ?? '')).toEqual(refused);
    expect(await verdictOnToken(service, good)).toEqual(accepted('ada'));
    expect(issuer.callsTo('jwks').length).toBeLessThanOrEqual(1);
  });

  it('again for strange keys of old tokens after each 30 s, and no sooner', async ({ issuer }) => {
    const keys = keysOnClock(issuer.jwksUrl);
    await keys.verify(await issuer.token('ada'));
    issuer.calls.clear();
    const stranger = await issuer.keys.add('EdDSA', { publish: false });
    const iat = Math.floor(Date.now() / 1000) - 60;
    for (let second = 0; second < 120; second++) {
      expect(await keys.verify(await issuer.token('ada', { iat }, { key: stranger }))).toBe(unknownKey);
      keys.pass(1000);
    }
    expect(issuer.callsTo('jwks')).toHaveLength(3);
  });

  it('every ten minutes under load', async ({ issuer }) => {
    const keys = keysOnClock(issuer.jwksUrl);
    const token = await issuer.token('ada');
    for (let minute = 0; minute < 60; minute++) {
      expect(await keys.verify(token)).toBe('ada');
      keys.pass(minutes);
    }
    expect(issuer.callsTo('jwks').length).toBeGreaterThanOrEqual(5);
    expect(issuer.callsTo('jwks').length).toBeLessThanOrEqual(6);
  });
});
