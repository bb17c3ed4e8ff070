import { createPublicKey, generateKeyPairSync, sign } from 'node:crypto';
import type { SigningKey } from '../support/auth-keys.ts';
import { audience, issuer, startAuthService } from '../support/auth-service.ts';
import { it as base, describe, expect } from '../support/fixtures.ts';
import { accepted, refused, verdictOnToken } from './verdict.ts';

/** The published RSA key, there before the service starts. */
const it = base.extend('rsa', { scope: 'file' }, async ({ auth }) => auth.keys.newest('RS256'));

const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
const usualClaims = () => {
  const iat = Math.floor(Date.now() / 1000);
  return { iss: issuer, aud: audience, sub: 'ada', iat, exp: iat + 600 };
};

describe('a token is accepted', () => {
  for (const alg of ['RS256', 'ES256', 'EdDSA'] as const) {
    it(`when a published key signed it with ${alg}`, async ({ auth, serve }) => {
      const token = await auth.token('ada', {}, { alg });
      expect(await verdictOnToken(await serve(), token)).toEqual(accepted('ada'));
    });
  }

  it('without a kid when one published key fits, and refused when two do', async ({ serve }) => {
    const other = await startAuthService();
    const token = await other.token('ada', {}, { header: { kid: undefined } });
    const knowsOne = await serve({ AUTH_JWKS_URL: other.jwksUrl });
    expect(await verdictOnToken(knowsOne, token)).toEqual(accepted('ada'));
    await other.keys.add();
    const knowsTwo = await serve({ AUTH_JWKS_URL: other.jwksUrl });
    expect(await verdictOnToken(knowsTwo, token)).toEqual(refused);
    await other.close();
  });
});

describe('a token is refused', () => {
  for (const alg of ['none', 'None', 'NONE', 'nOnE', '']) {
    it(`when it is unsigned (alg "${alg}")`, async ({ service, auth }) => {
      expect(await verdictOnToken(service, await auth.token('ada', {}, { alg }))).toEqual(refused);
    });
  }

  const secrets: [string, (key: SigningKey) => string][] = [
    ['PEM', ({ jwk }) => String(createPublicKey({ key: jwk, format: 'jwk' }).export({ type: 'spki', format: 'pem' }))],
    ['JWK', ({ jwk }) => JSON.stringify(jwk)],
    ['modulus', ({ jwk }) => String(jwk.n)],
  ];
  for (const [name, secretOf] of secrets) {
    for (const alg of ['HS256', 'HS384', 'HS512']) {
      it(`when the public key's ${name} is the secret of its ${alg}`, async ({ rsa, service, auth }) => {
        const token = await auth.token('ada', {}, { alg, key: secretOf(rsa), header: { kid: rsa.kid } });
        expect(await verdictOnToken(service, token)).toEqual(refused);
      });
    }
  }

  it('when its algorithm is not among ours, even with the right key', async ({ rsa, service, auth }) => {
    for (const alg of ['PS256', 'RS384', 'RS512']) {
      const token = await auth.token('ada', {}, { alg, key: rsa });
      expect(await verdictOnToken(service, token)).toEqual(refused);
    }
  });

  it('when AUTH_JWT_ALGORITHMS has left its algorithm out', async ({ rsa, auth, serve }) => {
    const service = await serve({ AUTH_JWT_ALGORITHMS: 'ES256,EdDSA' });
    expect(await verdictOnToken(service, await auth.token('ada', {}, { key: rsa }))).toEqual(refused);
    expect(await verdictOnToken(service, await auth.token('ada'))).toEqual(accepted('ada'));
  });

  it('when a stranger signed it under the kid of a published key', async ({ service, auth }) => {
    const { kid } = await auth.keys.newest();
    for (const alg of ['EdDSA', 'ES256', 'RS256'] as const) {
      const key = await auth.keys.add(alg, { kid, publish: false });
      expect(await verdictOnToken(service, await auth.token('ada', {}, { key }))).toEqual(refused);
    }
  });

  it('when it brings its key along, or says where to fetch it, and nobody fetches it', async ({ service, auth }) => {
    const key = await auth.keys.add('ES256', { publish: false });
    const { kid } = await auth.keys.newest();
    await verdictOnToken(service, await auth.token('ada'));
    auth.calls.clear();
    for (const header of [
      { jwk: key.jwk, kid },
      { jku: `${auth.url}/evil/jwks.json`, kid },
      { x5u: `${auth.url}/evil/chain.pem`, kid },
      { x5c: ['MIIB'], kid },
    ]) {
      expect(await verdictOnToken(service, await auth.token('ada', {}, { key, header }))).toEqual(refused);
    }
    expect(auth.calls).toHaveLength(0);
  });

  const kids = ['../../dev/null', "x' UNION SELECT 1--", '__proto__', '', 5, {}, [], null, 'k'.repeat(10_000)];
  for (const kid of kids) {
    it(`when its kid is ${JSON.stringify(kid).slice(0, 24)}`, async ({ service, auth }) => {
      const key = await auth.keys.add('EdDSA', { publish: false });
      const { signature } = partsOf(await auth.token('ada', {}, { key }));
      const token = `${part({ alg: 'EdDSA', typ: 'JWT', kid })}.${part(usualClaims())}.${signature}`;
      expect(await verdictOnToken(service, token)).toEqual(refused);
    });
  }

  it('when its header asks for what is not understood', async ({ service, auth }) => {
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
      expect(await verdictOnToken(service, `${part(header)}.${payload}.${signature}`)).toEqual(refused);
    }
  });

  it('when anything in it was changed', async ({ service, auth }) => {
    const { header, payload, signature } = partsOf(await auth.token('ada'));
    const other = part({ ...usualClaims(), sub: 'grace' });
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
      expect(await verdictOnToken(service, token)).toEqual(refused);
    }
  });

  it('when what it carries is no set of claims', async ({ service, auth }) => {
    for (const payload of ['null', '[]', '"ada"', '7', '{', '']) {
      expect(await verdictOnToken(service, await auth.token('', {}, { payload }))).toEqual(refused);
    }
  });

  it('when its key is too weak, and tokens of good keys go on', async ({ auth, serve }) => {
    const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 1024 });
    auth.keys.published.push({ ...publicKey.export({ format: 'jwk' }), kid: 'weak', alg: 'RS256', use: 'sig' });
    const service = await serve();
    const signed = `${part({ alg: 'RS256', kid: 'weak' })}.${part(usualClaims())}`;
    const token = `${signed}.${sign('sha256', Buffer.from(signed), privateKey).toString('base64url')}`;
    expect(await verdictOnToken(service, token)).toEqual(refused);
    expect(await verdictOnToken(service, await auth.token('ada'))).toEqual(accepted('ada'));
    auth.keys.remove('weak');
  });
});

function partsOf(token: string) {
  const [header = '', payload = '', signature = ''] = token.split('.');
  return { header, payload, signature };
}
