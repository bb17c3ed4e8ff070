import { createPublicKey, generateKeyPairSync, sign } from 'node:crypto';
import type { SigningKey } from '../support/auth-keys.ts';
import { audience, issuer, startAuthService } from '../support/auth-service.ts';
import { it as base, describe, expect } from '../support/fixtures.ts';
import { accepted, outcomeOfToken, rejected } from './outcome.ts';

/** The RSA key, published before the service starts. */
const it = base.extend('rsa', { scope: 'file' }, async ({ auth }) => auth.keys.newest('RS256'));

const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
const defaultClaims = () => {
  const iat = Math.floor(Date.now() / 1000);
  return { iss: issuer, aud: audience, sub: 'ada', iat, exp: iat + 600 };
};

describe('a token is accepted', () => {
  for (const alg of ['RS256', 'ES256', 'EdDSA'] as const) {
    it(`when a published key signed it with ${alg}`, async ({ auth, serve }) => {
      const token = await auth.token('ada', {}, { alg });
      expect(await outcomeOfToken(await serve(), token)).toEqual(accepted('ada'));
    });
  }

  it('without a kid when one published key matches, and rejected when two match', async ({ serve }) => {
    const other = await startAuthService();
    const token = await other.token('ada', {}, { header: { kid: undefined } });
    const knowsOne = await serve({ AUTH_JWKS_URL: other.jwksUrl });
    expect(await outcomeOfToken(knowsOne, token)).toEqual(accepted('ada'));
    await other.keys.add();
    const knowsTwo = await serve({ AUTH_JWKS_URL: other.jwksUrl });
    expect(await outcomeOfToken(knowsTwo, token)).toEqual(rejected);
    await other.close();
  });
});

describe('a token is rejected', () => {
  for (const alg of ['none', 'None', 'NONE', 'nOnE', '']) {
    it(`when it is unsigned (alg "${alg}")`, async ({ service, auth }) => {
      expect(await outcomeOfToken(service, await auth.token('ada', {}, { alg }))).toEqual(rejected);
    });
  }

  const secrets: [string, (key: SigningKey) => string][] = [
    ['PEM', ({ jwk }) => String(createPublicKey({ key: jwk, format: 'jwk' }).export({ type: 'spki', format: 'pem' }))],
    ['JWK', ({ jwk }) => JSON.stringify(jwk)],
    ['modulus', ({ jwk }) => String(jwk.n)],
  ];
  for (const [name, secretOf] of secrets) {
    for (const alg of ['HS256', 'HS384', 'HS512']) {
      it(`when it is signed with ${alg} and the public key's ${name} as the secret`, async ({ rsa, service, auth }) => {
        const token = await auth.token('ada', {}, { alg, key: secretOf(rsa), header: { kid: rsa.kid } });
        expect(await outcomeOfToken(service, token)).toEqual(rejected);
      });
    }
  }

  it('when its algorithm is not allowed, even with a published key', async ({ rsa, service, auth }) => {
    for (const alg of ['PS256', 'RS384', 'RS512']) {
      const token = await auth.token('ada', {}, { alg, key: rsa });
      expect(await outcomeOfToken(service, token)).toEqual(rejected);
    }
  });

  it('when AUTH_JWT_ALGORITHMS does not list its algorithm', async ({ rsa, auth, serve }) => {
    const service = await serve({ AUTH_JWT_ALGORITHMS: 'ES256,EdDSA' });
    expect(await outcomeOfToken(service, await auth.token('ada', {}, { key: rsa }))).toEqual(rejected);
    expect(await outcomeOfToken(service, await auth.token('ada'))).toEqual(accepted('ada'));
  });

  it('when another key signed it under the kid of a published key', async ({ service, auth }) => {
    const { kid } = await auth.keys.newest();
    for (const alg of ['EdDSA', 'ES256', 'RS256'] as const) {
      const key = await auth.keys.add(alg, { kid, publish: false });
      expect(await outcomeOfToken(service, await auth.token('ada', {}, { key }))).toEqual(rejected);
    }
  });

  it('when its header embeds a key or its URL, which the service does not fetch', async ({ service, auth }) => {
    const key = await auth.keys.add('ES256', { publish: false });
    const { kid } = await auth.keys.newest();
    await outcomeOfToken(service, await auth.token('ada'));
    auth.calls.clear();
    for (const header of [
      { jwk: key.jwk, kid },
      { jku: `${auth.url}/evil/jwks.json`, kid },
      { x5u: `${auth.url}/evil/chain.pem`, kid },
      { x5c: ['MIIB'], kid },
    ]) {
      expect(await outcomeOfToken(service, await auth.token('ada', {}, { key, header }))).toEqual(rejected);
    }
    expect(auth.calls).toHaveLength(0);
  });

  const kids = ['../../dev/null', "x' UNION SELECT 1--", '__proto__', '', 5, {}, [], null, 'k'.repeat(10_000)];
  for (const kid of kids) {
    it(`when its kid is ${JSON.stringify(kid).slice(0, 24)}`, async ({ service, auth }) => {
      const key = await auth.keys.add('EdDSA', { publish: false });
      const { signature } = partsOf(await auth.token('ada', {}, { key }));
      const token = `${part({ alg: 'EdDSA', typ: 'JWT', kid })}.${part(defaultClaims())}.${signature}`;
      expect(await outcomeOfToken(service, token)).toEqual(rejected);
    });
  }

  it('when its header has a critical extension that is not supported', async ({ service, auth }) => {
    const { payload, signature } = partsOf(await auth.token('ada'));
    const { kid } = await auth.keys.newest();
    for (const header of [
      { alg: 'EdDSA', kid, crit: ['exp'], exp: 1 },
      { alg: 'EdDSA', kid, crit: ['b64'], b64: false },
      { alg: 7, kid },
      { kid },
      [],
      null,
    ]) {
      expect(await outcomeOfToken(service, `${part(header)}.${payload}.${signature}`)).toEqual(rejected);
    }
  });

  it('when a part of it was changed', async ({ service, auth }) => {
    const { header, payload, signature } = partsOf(await auth.token('ada'));
    const other = part({ ...defaultClaims(), sub: 'grace' });
    const flipped = signature.replace(/^./, (first) => (first === 'A' ? 'B' : 'A'));
    for (const token of [
      `${header}.${other}.${signature}`,
      `${header}.${payload}.${flipped}`,
      `${header}.${payload}.${signature.slice(0, -8)}`,
      `${header}.${payload}.`,
      `${header}.${payload}`,
      `${header}.${payload}.${signature}.x`,
      `${header}.${payload}.${signature}.x.y`,
      `.${payload}.${signature}`,
      'a.b.c',
      'eyJ',
      '..',
      '{}',
    ]) {
      expect(await outcomeOfToken(service, token)).toEqual(rejected);
    }
  });

  it('when its payload is not a JSON object', async ({ service, auth }) => {
    for (const payload of ['null', '[]', '"ada"', '7', '{', '']) {
      expect(await outcomeOfToken(service, await auth.token('', {}, { payload }))).toEqual(rejected);
    }
  });

  it('when its key is too short, while tokens of other keys are accepted', async ({ auth, serve }) => {
    const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 1024 });
    auth.keys.published.push({ ...publicKey.export({ format: 'jwk' }), kid: 'weak', alg: 'RS256', use: 'sig' });
    const service = await serve();
    const signed = `${part({ alg: 'RS256', kid: 'weak' })}.${part(defaultClaims())}`;
    const token = `${signed}.${sign('sha256', Buffer.from(signed), privateKey).toString('base64url')}`;
    expect(await outcomeOfToken(service, token)).toEqual(rejected);
    expect(await outcomeOfToken(service, await auth.token('ada'))).toEqual(accepted('ada'));
    auth.keys.remove('weak');
  });
});

function partsOf(token: string) {
  const [header = '', payload = '', signature = ''] = token.split('.');
  return { header, payload, signature };
}
