import { generateKeyPairSync } from 'node:crypto';
import type { JWK } from 'jose';
import type { SigningKey } from '../support/auth-keys.ts';
import { type AuthService, startAuthService } from '../support/auth-service.ts';
import { changed } from '../support/faults.ts';
import { it as base, describe, expect } from '../support/fixtures.ts';
import { createKeysWithClock } from './jwks-with-clock.ts';
import { accepted, outcomeOfToken, rejected } from './outcome.ts';

const it = base.extend('issuer', async ({}, { onCleanup }) => {
  const issuer = await startAuthService();
  onCleanup(() => issuer.close());
  return issuer;
});

const badSignature = 'ERR_JWS_SIGNATURE_VERIFICATION_FAILED';
const tokenOf = (issuer: AuthService, key: SigningKey) => issuer.token('ada', {}, { key });
const privateJwk = ({ privateKey, jwk }: SigningKey): JWK => ({ ...privateKey.export({ format: 'jwk' }), ...jwk });

describe('a JWKS', () => {
  it('of 900 KB serves its keys', async ({ issuer }) => {
    issuer.fail(
      'jwks',
      changed((body) => ({ ...body, padding: 'x'.repeat(900_000) })),
    );
    expect(await createKeysWithClock(issuer.jwksUrl).verify(await issuer.token('ada'))).toBe('ada');
  });

  it('of thousands of keys serves the last one', async ({ issuer }) => {
    const jwk = generateKeyPairSync('ed25519').publicKey.export({ format: 'jwk' });
    issuer.keys.published.unshift(...Array.from({ length: 4000 }, (_, index) => ({ ...jwk, kid: `other-${index}` })));
    expect(await createKeysWithClock(issuer.jwksUrl).verify(await issuer.token('ada'))).toBe('ada');
  });

  it('over 1 MB is not used', async ({ issuer }) => {
    issuer.fail(
      'jwks',
      changed((body) => ({ ...body, padding: 'x'.repeat(1_000_000) })),
    );
    expect(await createKeysWithClock(issuer.jwksUrl).verify(await issuer.token('ada'))).toBe(
      'AUTH_SERVICE_UNAVAILABLE',
    );
  });
});

describe('a key id that a JWKS has twice', () => {
  for (const alg of ['EdDSA', 'ES256', 'RS256'] as const) {
    it(`is that of both keys (${alg})`, async ({ issuer }) => {
      const [first, second] = [
        await issuer.keys.add(alg, { kid: 'doubled' }),
        await issuer.keys.add(alg, { kid: 'doubled' }),
      ];
      const unpublished = await issuer.keys.add(alg, { kid: 'doubled', publish: false });
      const keys = createKeysWithClock(issuer.jwksUrl);
      expect(await keys.verify(await tokenOf(issuer, first))).toBe('ada');
      expect(await keys.verify(await tokenOf(issuer, second))).toBe('ada');
      expect(await keys.verify(await tokenOf(issuer, unpublished))).toBe(badSignature);
    });
  }

  it('is that of two keys for different algorithms', async ({ issuer }) => {
    const both = [
      await issuer.keys.add('ES256', { kid: 'doubled' }),
      await issuer.keys.add('RS256', { kid: 'doubled' }),
    ];
    const keys = createKeysWithClock(issuer.jwksUrl);
    for (const key of both) expect(await keys.verify(await tokenOf(issuer, key))).toBe('ada');
  });

  it('is accepted and rejected over both APIs, and a copy of the key changes nothing', async ({ issuer, serve }) => {
    const key = await issuer.keys.newest();
    await issuer.keys.add('EdDSA', { kid: key.kid });
    issuer.keys.published.unshift(key.jwk, { ...key.jwk, alg: 'EdDSA' });
    const unpublished = await issuer.keys.add('EdDSA', { kid: key.kid, publish: false });
    const service = await serve({ AUTH_JWKS_URL: issuer.jwksUrl });
    expect(await outcomeOfToken(service, await tokenOf(issuer, key))).toEqual(accepted('ada'));
    expect(await outcomeOfToken(service, await tokenOf(issuer, unpublished))).toEqual(rejected);
    const expired = await issuer.token('ada', { exp: 1_000_000_000 }, { key });
    expect(await outcomeOfToken(service, expired)).toEqual(rejected);
  });

  it('is that of its first eight keys, so that a forged token costs eight verifications', async ({ issuer }) => {
    const others = Array.from({ length: 7 }, () => issuer.keys.add('EdDSA', { kid: 'doubled' }));
    await Promise.all(others);
    const eighth = await issuer.keys.add('EdDSA', { kid: 'doubled' });
    const ninth = await issuer.keys.add('EdDSA', { kid: 'doubled' });
    const keys = createKeysWithClock(issuer.jwksUrl);
    expect(await keys.verify(await tokenOf(issuer, eighth))).toBe('ada');
    expect(await keys.verify(await tokenOf(issuer, ninth))).toBe(badSignature);
  });
});

/** Members of a JWKS that are no public keys for signatures, with the key id of the good key or with their own. */
const unusable: [string, (key: SigningKey, good: SigningKey) => unknown][] = [
  ['a private key', privateJwk],
  ['the private part of the good key', (_, good) => privateJwk(good)],
  [
    'a private key of RSA',
    () => generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ format: 'jwk' }),
  ],
  ['a symmetric key', () => ({ kty: 'oct', k: 'c2VjcmV0' })],
  ['a key for encryption', ({ jwk }) => ({ ...jwk, use: 'enc' })],
  ['a key for other operations', ({ jwk }) => ({ ...jwk, key_ops: ['encrypt'] })],
  ['a key with malformed operations', ({ jwk }) => ({ ...jwk, key_ops: 'verify' })],
  ['a key without its point', ({ jwk: { x: _, ...jwk } }) => jwk],
  ['a key whose point is a number', ({ jwk }) => ({ ...jwk, x: 5 })],
  ['a key whose point is too short', ({ jwk }) => ({ ...jwk, x: 'AAAA' })],
  ['a key of an unknown curve', ({ jwk }) => ({ ...jwk, crv: 'Ed999' })],
  ['a key of an unknown type', ({ jwk }) => ({ ...jwk, kty: 'XYZ' })],
  ['a key whose type is no string', ({ jwk }) => ({ ...jwk, kty: ['OKP'] })],
  ['a key whose algorithm is no string', ({ jwk }) => ({ ...jwk, alg: { a: 1 } })],
  ['an RSA key without a modulus', () => ({ kty: 'RSA', e: 'AQAB', alg: 'EdDSA' })],
  ['an EC key off its curve', () => ({ kty: 'EC', crv: 'P-256', x: 'AAAA', y: 'AAAA' })],
  ['null', () => null],
  ['a text', () => 'key'],
  ['a list', () => [[]]],
  ['an empty object', () => ({})],
];

describe('a JWKS without a good key', () => {
  for (const [name, memberOf] of unusable) {
    it(`is not used when it has ${name}`, async ({ issuer }) => {
      const other = await issuer.keys.add('EdDSA', { publish: false });
      const token = await tokenOf(issuer, await issuer.keys.newest());
      issuer.keys.published.splice(0, Infinity, memberOf(other, other) as JWK);
      expect(await createKeysWithClock(issuer.jwksUrl).verify(token)).toBe('AUTH_SERVICE_UNAVAILABLE');
    });
  }
});

describe('among good keys', () => {
  for (const [name, memberOf] of unusable) {
    it(`${name} is ignored, and the good keys are served`, async ({ issuer }) => {
      const good = await issuer.keys.newest();
      const other = await issuer.keys.add('EdDSA', { publish: false });
      const member = memberOf(other, good) as JWK;
      const withId = (kid: string) => (isPlain(member) ? { ...member, kid } : member);
      for (const kid of [good.kid, other.kid]) {
        issuer.keys.published.splice(0, Infinity, withId(kid), good.jwk, withId(kid));
        const keys = createKeysWithClock(issuer.jwksUrl);
        expect(await keys.verify(await tokenOf(issuer, good))).toBe('ada');
        expect(await keys.verify(await issuer.token('ada', {}, { key: good, header: { kid: undefined } }))).toBe('ada');
      }
    });
  }

  it('a private key verifies no token: its owner is not its only holder', async ({ issuer, serve }) => {
    const leaked = await issuer.keys.add('EdDSA', { publish: false });
    issuer.keys.published.push(privateJwk(leaked));
    const service = await serve({ AUTH_JWKS_URL: issuer.jwksUrl });
    issuer.calls.clear();
    for (let i = 0; i < 5; i++) expect(await outcomeOfToken(service, await tokenOf(issuer, leaked))).toEqual(rejected);
    expect(issuer.callsTo('jwks').length).toBeLessThanOrEqual(1);
    expect(await outcomeOfToken(service, await issuer.token('ada'))).toEqual(accepted('ada'));
  });
});

const isPlain = (value: unknown) => typeof value === 'object' && value !== null && !Array.isArray(value);
