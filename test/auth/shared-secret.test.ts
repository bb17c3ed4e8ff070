import { startAuthService } from '../support/auth-service.ts';
import { it as base, describe, expect } from '../support/fixtures.ts';
import { accepted, refused, verdictOnToken } from './verdict.ts';

const secret = 'a shared secret of at least 32 bytes';

/** A service of the legacy way: one secret, no key set. */
const it = base
  .extend('legacy', { scope: 'file' }, async ({}, { onCleanup }) => {
    const legacy = await startAuthService({ secret });
    onCleanup(() => legacy.close());
    return legacy;
  })
  .extend('sharing', async ({ serve, legacy }) => {
    return serve({ AUTH_JWKS_URL: undefined, AUTH_JWT_SECRET: secret, AUTH_SERVICE_URL: legacy.url });
  });

describe('with AUTH_JWT_SECRET', () => {
  it('HS256 of that secret is accepted, and no key is fetched', async ({ sharing, legacy }) => {
    legacy.calls.clear();
    expect(await verdictOnToken(sharing, await legacy.token('ada'))).toEqual(accepted('ada'));
    expect(legacy.callsTo('jwks')).toHaveLength(0);
  });

  it('other HMACs of that secret are refused', async ({ sharing, legacy }) => {
    for (const alg of ['HS384', 'HS512']) {
      expect(await verdictOnToken(sharing, await legacy.token('ada', {}, { alg }))).toEqual(refused);
    }
  });

  it('another secret, or none, is refused', async ({ sharing, legacy }) => {
    for (const key of [`${secret}.`, secret.toUpperCase(), 'x']) {
      expect(await verdictOnToken(sharing, await legacy.token('ada', {}, { key }))).toEqual(refused);
    }
    expect(await verdictOnToken(sharing, await legacy.token('ada', {}, { alg: 'none' }))).toEqual(refused);
  });

  it('signatures of published keys are refused', async ({ sharing, legacy }) => {
    for (const alg of ['EdDSA', 'ES256', 'RS256'] as const) {
      const key = await legacy.keys.newest(alg);
      expect(await verdictOnToken(sharing, await legacy.token('ada', {}, { alg, key }))).toEqual(refused);
    }
  });

  it('issuer, audience, end and subject are checked as ever', async ({ sharing, legacy }) => {
    for (const [sub, claims] of [
      ['ada', { iss: 'https://evil.test' }],
      ['ada', { aud: 'somebody-else' }],
      ['ada', { exp: undefined }],
      ['ada', { exp: 1 }],
      ['..', {}],
      [7, {}],
    ] as const) {
      expect(await verdictOnToken(sharing, await legacy.token(sub, claims))).toEqual(refused);
    }
  });
});

describe('with AUTH_JWKS_URL', () => {
  it('no HMAC is accepted, not even of an octet key that the key set publishes', async ({ auth, serve }) => {
    auth.keys.published.push({ kty: 'oct', k: Buffer.from(secret).toString('base64url'), kid: 'oct', alg: 'HS256' });
    const service = await serve();
    const token = await auth.token('ada', {}, { key: secret, header: { kid: 'oct' } });
    expect(await verdictOnToken(service, token)).toEqual(refused);
    expect(await verdictOnToken(service, await auth.token('ada'))).toEqual(accepted('ada'));
    auth.keys.remove('oct');
  });
});
