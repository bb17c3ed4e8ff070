import { startAuthService } from '../support/auth-service.ts';
import { changed, type Fault, type FaultName, slow } from '../support/faults.ts';
import { it as base, describe, expect } from '../support/fixtures.ts';
import { hours, keysOnClock, minutes } from './key-clock.ts';
import { accepted, refused, unknowable, verdictOnToken } from './verdict.ts';

const it = base.extend('issuer', async ({}, { onCleanup }) => {
  const issuer = await startAuthService();
  onCleanup(() => issuer.close());
  return issuer;
});

const unavailable = 'AUTH_SERVICE_UNAVAILABLE';
const unknownKey = 'ERR_JWKS_NO_MATCHING_KEY';

const publishing = (keys: unknown): Fault => changed(() => ({ keys }));
const secret = { kty: 'oct', k: 'c2VjcmV0', kid: 'oct' };

/** Everything that is not a key set, however it is said. */
const unusable: [string, FaultName | number | Fault][] = [
  ['500', 500],
  ['503', 503],
  ['404', 404],
  ['an answer after 2 s', slow(2000)],
  ['no answer', 'hang'],
  ['an answer that drips', 'drip'],
  ['an answer without end', 'endless'],
  ['an answer that is too big', 'huge'],
  ['a reset', 'reset'],
  ['HTML', 'html'],
  ['JSON called text', 'wrong-content-type'],
  ['half a JSON', 'truncated'],
  ['204', 'no-content'],
  ['a redirect', 'redirect'],
  ['{}', 'empty-object'],
  ['a list', changed(() => [])],
  ['null', changed(() => null)],
  ['{"keys":5}', publishing(5)],
  ['keys that are no objects', publishing(['a', null])],
  ['no keys', publishing([])],
  ['a secret for its only key', publishing([secret])],
  ['a key that is broken for its only key', publishing([{ kty: 'RSA', e: 'AQAB', kid: 'broken' }])],
  ['a key of an unheard-of type for its only key', publishing([{ kty: 'XYZ', kid: 'strange' }])],
  ['a key for encryption for its only key', changed(({ keys: [key] }) => ({ keys: [{ ...key, use: 'enc' }] }))],
];

describe('no key set could be had yet', () => {
  for (const [name, fault] of unusable) {
    it(`${name}: 503 and when to try again, never 401, within 2 s`, async ({ issuer, serve }) => {
      const token = await issuer.token('ada');
      issuer.fail('jwks', fault);
      const service = await serve({ AUTH_JWKS_URL: issuer.jwksUrl });
      const start = performance.now();
      expect(await verdictOnToken(service, token)).toEqual(unknowable);
      expect(performance.now() - start).toBeLessThan(2000);
    });
  }

  it('a refused connection: 503, and well again by itself', async ({ issuer, serve }) => {
    const token = await issuer.token('ada');
    await issuer.down();
    const service = await serve({ AUTH_JWKS_URL: issuer.jwksUrl });
    expect(await verdictOnToken(service, token)).toEqual(unknowable);
    expect(await service.rest('/health/ready')).toMatchObject({ status: 200 });
    expect(await service.rest('/users/ada/badges')).toMatchObject({ status: 200, body: [] });
    expect((await service.graphql('{ viewer { id } }')).data).toEqual({ viewer: null });
    await issuer.up();
    await expect.poll(() => verdictOnToken(service, token), { timeout: 4000, interval: 100 }).toEqual(accepted('ada'));
  });

  it('one fetch in 2 s, however many tokens come', async ({ issuer }) => {
    issuer.fail('jwks', 500);
    const keys = keysOnClock(issuer.jwksUrl);
    const token = await issuer.token('ada');
    for (let tenth = 0; tenth < 60; tenth++) {
      expect(await Promise.all([token, token, token].map(keys.verify))).toEqual(Array(3).fill(unavailable));
      keys.pass(100);
    }
    expect(issuer.callsTo('jwks')).toHaveLength(3);
    issuer.clearFaults();
    keys.pass(2000);
    expect(await keys.verify(token)).toBe('ada');
  });
});

describe('a key set was had, and its successor cannot be', () => {
  for (const [name, fault] of unusable) {
    it(`${name}: the old keys are kept`, async ({ issuer }) => {
      const keys = keysOnClock(issuer.jwksUrl);
      const token = await issuer.token('ada');
      await keys.verify(token);
      issuer.fail('jwks', fault);
      keys.pass(11 * minutes);
      issuer.calls.clear();
      expect(await keys.verify(token)).toBe('ada');
      expect(issuer.callsTo('jwks')).toHaveLength(1);
      keys.pass(minutes);
      expect(await keys.verify(token)).toBe('ada');
    });
  }

  it('the old keys serve for a day, and not for longer', async ({ issuer }) => {
    const keys = keysOnClock(issuer.jwksUrl);
    const token = await issuer.token('ada');
    await keys.verify(token);
    issuer.fail('jwks', 500);
    for (let hour = 0; hour < 23; hour++) {
      keys.pass(hours);
      expect(await keys.verify(token)).toBe('ada');
    }
    keys.pass(hours + 1);
    expect(await keys.verify(token)).toBe(unavailable);
    issuer.clearFaults();
    keys.pass(2001);
    expect(await keys.verify(token)).toBe('ada');
  });

  it('nobody waits for an endpoint that has just failed', async ({ issuer }) => {
    const keys = keysOnClock(issuer.jwksUrl);
    const token = await issuer.token('ada');
    await keys.verify(token);
    issuer.fail('jwks', 'hang');
    keys.pass(11 * minutes);
    await keys.verify(token);
    keys.pass(2001);
    const start = performance.now();
    expect(await keys.verify(token)).toBe('ada');
    expect(performance.now() - start).toBeLessThan(500);
  });

  it('a token of an unknown key is 503, for the key may be new', async ({ issuer, serve }) => {
    const service = await serve({ AUTH_JWKS_URL: issuer.jwksUrl });
    const old = await issuer.token('ada');
    expect(await verdictOnToken(service, old)).toEqual(accepted('ada'));
    await issuer.keys.add();
    const token = await issuer.token('ada');
    issuer.fail('jwks', 500);
    expect(await verdictOnToken(service, token)).toEqual(unknowable);
    expect(await verdictOnToken(service, old)).toEqual(accepted('ada'));
    issuer.clearFaults();
    await expect.poll(() => verdictOnToken(service, token), { timeout: 4000, interval: 100 }).toEqual(accepted('ada'));
  });

  it('a forged token of a known key is 401 all the same', async ({ issuer, serve }) => {
    const service = await serve({ AUTH_JWKS_URL: issuer.jwksUrl });
    const { kid } = await issuer.keys.newest();
    await verdictOnToken(service, await issuer.token('ada'));
    issuer.fail('jwks', 500);
    const key = await issuer.keys.add('EdDSA', { kid, publish: false });
    expect(await verdictOnToken(service, await issuer.token('ada', {}, { key }))).toEqual(refused);
    expect(await verdictOnToken(service, 'a.b.c')).toEqual(refused);
  });

  it('a flood of unknown keys makes one fetch in 2 s and spoils nothing', async ({ issuer }) => {
    const keys = keysOnClock(issuer.jwksUrl);
    const token = await issuer.token('ada');
    await keys.verify(token);
    issuer.fail('jwks', 500);
    issuer.calls.clear();
    const stranger = await issuer.keys.add('EdDSA', { publish: false });
    const strange = await issuer.token('ada', {}, { key: stranger });
    for (let tenth = 0; tenth < 60; tenth++) {
      const verified = await Promise.all([strange, token, strange].map(keys.verify));
      expect(verified).toEqual([unavailable, 'ada', unavailable]);
      keys.pass(100);
    }
    expect(issuer.callsTo('jwks')).toHaveLength(3);
    issuer.clearFaults();
    keys.pass(2000);
    expect(await keys.verify(strange)).toBe(unknownKey);
    expect(await keys.verify(token)).toBe('ada');
  });
});

describe('a key set with something odd in it', () => {
  it('still has its good keys', async ({ issuer }) => {
    issuer.keys.published.unshift(secret, { kty: 'RSA', e: 'AQAB', kid: 'broken' }, { kty: 'XYZ' });
    const keys = keysOnClock(issuer.jwksUrl);
    expect(await keys.verify(await issuer.token('ada'))).toBe('ada');
    expect(await keys.verify(await issuer.token('ada', {}, { header: { kid: undefined } }))).toBe('ada');
  });
});
