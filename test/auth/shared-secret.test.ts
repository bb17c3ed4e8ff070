import { startAuthService } from '../support/auth-service.ts';
import { it as base, describe, expect } from '../support/fixtures.ts';
import { accepted, outcomeOfToken, rejected } from './outcome.ts';

const secret = 'a shared secret of at least 32 bytes';

/** A service with a shared secret and no JWKS, as in v1. */
const it = base
  .extend('issuer', { scope: 'file' }, async ({}, { onCleanup }) => {
    const issuer = await startAuthService({ secret });
    onCleanup(() => issuer.close());
    return issuer;
  })
  .extend('verifier', async ({ serve, issuer }) => {
    return serve({ AUTH_JWKS_URL: undefined, AUTH_JWT_SECRET: secret, AUTH_SERVICE_URL: issuer.url });
  });

describe('with AUTH_JWT_SECRET', () => {
  it('HS256 with the secret is accepted, and no JWKS is fetched', async ({ verifier, issuer }) => {
    issuer.calls.clear();
    expect(await outcomeOfToken(verifier, await issuer.token('ada'))).toEqual(accepted('ada'));
    expect(issuer.callsTo('jwks')).toHaveLength(0);
  });

  it('other HMAC algorithms with the secret are rejected', async ({ verifier, issuer }) => {
    for (const alg of ['HS384', 'HS512']) {
      expect(await outcomeOfToken(verifier, await issuer.token('ada', {}, { alg }))).toEqual(rejected);
    }
  });

  it('another secret, or no signature, is rejected', async ({ verifier, issuer }) => {
    for (const key of [`${secret}.`, secret.toUpperCase(), 'x']) {
      expect(await outcomeOfToken(verifier, await issuer.token('ada', {}, { key }))).toEqual(rejected);
    }
    expect(await outcomeOfToken(verifier, await issuer.token('ada', {}, { alg: 'none' }))).toEqual(rejected);
  });

  it('signatures of published keys are rejected', async ({ verifier, issuer }) => {
    for (const alg of ['EdDSA', 'ES256', 'RS256'] as const) {
      const key = await issuer.keys.newest(alg);
      expect(await outcomeOfToken(verifier, await issuer.token('ada', {}, { alg, key }))).toEqual(rejected);
    }
  });

  it('issuer, audience, expiry and subject are checked', async ({ verifier, issuer }) => {
    for (const [sub, claims] of [
      ['ada', { iss: 'https://evil.test' }],
      ['ada', { aud: 'another-service' }],
      ['ada', { exp: undefined }],
      ['ada', { exp: 1 }],
      ['..', {}],
      [7, {}],
    ] as const) {
      expect(await outcomeOfToken(verifier, await issuer.token(sub, claims))).toEqual(rejected);
    }
  });
});

describe('with AUTH_JWKS_URL', () => {
  it('HMAC is rejected, even with a symmetric key that the JWKS publishes', async ({ auth, serve }) => {
    auth.keys.published.push({ kty: 'oct', k: Buffer.from(secret).toString('base64url'), kid: 'oct', alg: 'HS256' });
    const service = await serve();
    const token = await auth.token('ada', {}, { key: secret, header: { kid: 'oct' } });
    expect(await outcomeOfToken(service, token)).toEqual(rejected);
    expect(await outcomeOfToken(service, await auth.token('ada'))).toEqual(accepted('ada'));
    auth.keys.remove('oct');
  });
});
