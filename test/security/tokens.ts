import { createPublicKey, generateKeyPairSync, sign } from 'node:crypto';
import { vi } from 'vitest';
import type { Claims } from '../support/auth-keys.ts';
import { audience, issuer, startAuthService } from '../support/auth-service.ts';
import type { AttackRequest, Builder, Plan } from './attack.ts';
import { startProductionService, type Target } from './target.ts';

const part = (value: unknown) =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');
const seconds = () => Math.floor(Date.now() / 1000);
const claims = (sub: unknown = 'ada') => ({ iss: issuer, aud: audience, sub, iat: seconds(), exp: seconds() + 600 });
const VIEWER = '{ viewer { id } }';

/** Returns a read, a write and an operation with the token. */
function requestsWith(token: string): AttackRequest[] {
  return [
    { path: '/users/me', token },
    { path: '/users/ada/goals', token, body: { title: 'written with an invalid token' } },
    { graphql: VIEWER, token },
  ];
}

const invalidTokens = (tokens: string[]): Plan => ({ requests: tokens.flatMap(requestsWith) });
/** Sends valid tokens in an operation that calls no other service. */
const validTokens = (tokens: string[]): Plan => ({ requests: tokens.map((token) => ({ graphql: VIEWER, token })) });

async function partsOf(token: Promise<string>): Promise<[header: string, payload: string, signature: string]> {
  const [header = '', payload = '', signature = ''] = (await token).split('.');
  return [header, payload, signature];
}

/** Starts a separate auth-service and a service that trusts it. */
async function startSeparateTarget(
  { db, ada, eve, manager, tracker }: Target,
  prepare?: (auth: Awaited<ReturnType<typeof startAuthService>>) => unknown,
) {
  const auth = await startAuthService();
  await prepare?.(auth);
  const service = await startProductionService({ db, auth });
  const signIn = async ({ id }: Target['ada']) => ({ ...auth.add({ id }), token: await auth.token(id) });
  const target = { db, auth, service, ada: await signIn(ada), eve: await signIn(eve), manager, tracker };
  const cleanUp = async () => {
    await service.close();
    await auth.close();
  };
  return { target, cleanUp };
}

export const tokens: Record<string, Builder> = {
  unsigned: async ({ auth }) => {
    const algorithms = ['none', 'None', 'NONE', 'nOnE', ''];
    return invalidTokens(await Promise.all(algorithms.map((alg) => auth.token('ada', {}, { alg }))));
  },
  publicKeyAsSecret: async ({ auth }) => {
    const rsa = await auth.keys.newest('RS256');
    const pem = String(createPublicKey({ key: rsa.jwk, format: 'jwk' }).export({ type: 'spki', format: 'pem' }));
    const secrets = [pem, pem.trim(), JSON.stringify(rsa.jwk), String(rsa.jwk.n)];
    const header = { kid: rsa.kid };
    return invalidTokens(await Promise.all(secrets.map((key) => auth.token('ada', {}, { alg: 'HS256', key, header }))));
  },
  otherAlgorithm: async ({ auth }) => {
    const key = await auth.keys.newest('RS256');
    return invalidTokens(
      await Promise.all(['PS256', 'RS384', 'RS512'].map((alg) => auth.token('ada', {}, { alg, key }))),
    );
  },
  publishedKid: async ({ auth }) => {
    const forged = (['ES256', 'RS256', 'EdDSA'] as const).map(async (alg) => {
      const { kid } = await auth.keys.newest(alg);
      return auth.token('ada', {}, { key: await auth.keys.add(alg, { kid, publish: false }) });
    });
    return invalidTokens(await Promise.all(forged));
  },
  embeddedKey: async ({ auth }) => {
    const { kid } = await auth.keys.newest('ES256');
    const key = await auth.keys.add('ES256', { kid, publish: false });
    const headers = [
      { jwk: key.jwk },
      { jku: `${auth.url}/evil.json` },
      { x5u: `${auth.url}/evil.pem` },
      { x5c: ['MIIB'] },
    ];
    return invalidTokens(await Promise.all(headers.map((header) => auth.token('ada', {}, { key, header }))));
  },
  unusualKids: async ({ auth }) => {
    const [, , signature] = await partsOf(auth.token('ada'));
    const kids = ['../../dev/null', "x' UNION SELECT 1--", '__proto__', 'unknown', 5, {}, null, 'k'.repeat(10_000)];
    return invalidTokens(kids.map((kid) => `${part({ alg: 'EdDSA', kid })}.${part(claims())}.${signature}`));
  },
  kidFlood: async ({ auth }) => {
    const key = await auth.keys.add('EdDSA', { publish: false });
    const forged = () => auth.token('ada', {}, { key, header: { kid: crypto.randomUUID() } });
    const flood = await Promise.all(Array.from({ length: 500 }, forged));
    return { requests: flood.map((token) => ({ graphql: VIEWER, token })) };
  },
  noKid: async (target) => {
    const own = await startSeparateTarget(target);
    return { ...own, ...validTokens([await own.target.auth.token('ada', {}, { header: { kid: undefined } })]) };
  },
  noKidOfTwo: async (target) => {
    const own = await startSeparateTarget(target, (auth) => auth.keys.add());
    return { ...own, ...invalidTokens([await own.target.auth.token('ada', {}, { header: { kid: undefined } })]) };
  },

  justExpired: async ({ auth }) => validTokens([await auth.token('ada', { exp: seconds() - 3 })]),
  fromFuture: async ({ auth }) =>
    invalidTokens([await auth.token('ada', { iat: seconds() + 3600, exp: seconds() + 7200 })]),
  otherAudience: async ({ auth }) =>
    invalidTokens([await auth.token('ada', { aud: 'other' }), await auth.token('ada', { aud: undefined })]),
  audienceList: async ({ auth }) => validTokens([await auth.token('ada', { aud: ['x', audience] })]),
  subjectTypes: async ({ auth }) =>
    invalidTokens(await Promise.all([7, { a: 1 }, ['ada'], '', null, true, undefined].map((sub) => auth.token(sub)))),
  subjectPaths: async ({ auth }) => {
    const subjects = [
      '../admin',
      '..',
      '.',
      'a\u0000',
      'a\r\nX: y',
      '%2e%2e',
      'me',
      'x'.repeat(10_000),
      'ada ',
      'ada\n',
    ];
    return invalidTokens(await Promise.all(subjects.map((sub) => auth.token(sub))));
  },
  duplicateSubject: async ({ auth }) => {
    const payload = JSON.stringify(claims()).replace('{', '{"sub":"eve",');
    return validTokens([await auth.token('', {}, { payload })]);
  },
  tampered: async ({ auth }) => {
    const [header, payload, signature] = await partsOf(auth.token('eve'));
    return invalidTokens([
      `${header}.${part(claims('ada'))}.${signature}`,
      `${header}.${payload}.`,
      `${header}.${payload}`,
      `${header}.${payload}.${signature}.x`,
      `${header}.${payload}.${signature}.x.y`,
      `.${payload}.${signature}`,
      `${header}..${signature}`,
      'a.b.c',
      '...',
      '{}',
      'eyJ',
    ]);
  },
  nulInToken: async ({ ada }) => ({
    requests: [{ raw: `GET /users/me HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${ada.token}\0\r\n\r\n` }],
  }),
  whiteSpace: async ({ ada: { token } }) => validTokens([`${token} `, `  ${token}\t`]),
  hugeTokens: () => ({
    requests: [17_000, 1_000_000].map((length) => ({
      raw: `GET /users/me HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${'x'.repeat(length)}\r\n\r\n`,
    })),
  }),
  typHeaders: async ({ auth }) => {
    const typed = (typ: unknown, options: Claims = {}) => auth.token('ada', options, { header: { typ } });
    const accepted = await Promise.all(['JWT', 'at+jwt', undefined].map((typ) => typed(typ)));
    const idToken = await typed('JWT', { aud: 'the-web-client', nonce: 'n' });
    const rejected = { status: 401, code: 'UNAUTHENTICATED', body: {} };
    return {
      requests: [
        ...validTokens(accepted).requests,
        ...requestsWith(idToken).map((request) => ({ ...request, expect: rejected })),
      ],
    };
  },
  weakKey: async (target) => {
    const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 1024 });
    const jwk = { ...publicKey.export({ format: 'jwk' }), kid: 'weak', alg: 'RS256', use: 'sig' };
    const own = await startSeparateTarget(target, (auth) => auth.keys.published.push(jwk));
    const signed = `${part({ alg: 'RS256', kid: 'weak' })}.${part(claims())}`;
    return {
      ...own,
      ...invalidTokens([`${signed}.${sign('sha256', Buffer.from(signed), privateKey).toString('base64url')}`]),
    };
  },
  duplicateAuthorization: ({ ada, eve }) => {
    const headers = { authorization: [ada, eve].map(({ token }) => `Bearer ${token}`) };
    return {
      requests: [
        { path: '/users/me', headers },
        { path: '/users/ada/goals', headers, body: { title: 'ambiguous' } },
        { graphql: VIEWER, headers, expect: { code: 'BAD_USER_INPUT' } },
      ],
    };
  },
  rotated: async (target) => {
    const own = await startSeparateTarget(target);
    const { auth, service, ada } = own.target;
    await service.graphql(VIEWER, {}, { token: ada.token });
    await auth.keys.add();
    const renewed = await Promise.all(['ada', 'ada', 'eve'].map((id) => auth.token(id)));
    return { ...own, ...validTokens([...renewed.slice(0, 2), ada.token]) };
  },
  withdrawn: async (target) => {
    const own = await startSeparateTarget(target, (auth) => auth.keys.add('ES256'));
    const { auth, service, ada } = own.target;
    await service.graphql(VIEWER, {}, { token: ada.token });
    const { kid } = await auth.keys.newest();
    const token = await auth.token('ada', { jti: 'never seen before' });
    auth.keys.remove(kid);
    const later = performance.now() + 11 * 60_000;
    const clock = vi.spyOn(performance, 'now').mockImplementation(() => later);
    return {
      ...own,
      ...invalidTokens([token]),
      cleanUp: async () => {
        clock.mockRestore();
        await own.cleanUp();
      },
    };
  },
  modifiedSignatures: async ({ auth }) => {
    const kinds = await Promise.all(
      (['RS256', 'ES256', 'EdDSA'] as const).map((alg) => modified(auth.token('ada', {}, { alg }))),
    );
    return invalidTokens(kinds.flat());
  },

  redirect: async (target) => {
    const elsewhere = await startAuthService();
    target.auth.fail('graphql', ({ response }) =>
      response.writeHead(302, { location: `${elsewhere.url}/graphql` }).end(),
    );
    return {
      requests: [
        {
          path: '/users/eve',
          expect: { status: 503, code: 'AUTH_SERVICE_UNAVAILABLE', headers: { 'retry-after': '2' } },
        },
        { graphql: '{ learner(id: "eve") { id } }', expect: { status: 200, body: { data: { learner: null } } } },
      ],
      afterwards: () => {
        if (elsewhere.calls.length > 0) throw new Error('The service followed the redirect');
      },
      cleanUp: () => elsewhere.close(),
    };
  },
};

/** Returns copies of a token with modified signatures or serializations, as in Wycheproof's JWS vectors. */
async function modified(token: Promise<string>): Promise<string[]> {
  const [header, payload, signature] = await partsOf(token);
  const bytes = Buffer.from(signature, 'base64url');
  const half = bytes.length / 2;
  const zeros = Buffer.alloc(bytes.length);
  const signatures = [
    zeros,
    Buffer.concat([zeros.subarray(0, half), bytes.subarray(half)]),
    Buffer.concat([bytes.subarray(0, half), zeros.subarray(half)]),
    Buffer.concat([bytes, Buffer.from([0])]),
    Buffer.concat([Buffer.from([0]), bytes]),
    bytes.subarray(1),
    bytes.subarray(0, -1),
    Buffer.from(bytes).reverse(),
    Buffer.alloc(bytes.length, 0xff),
    Buffer.from(bytes.map((byte, i) => (i === 0 ? byte ^ 0x80 : byte))),
    Buffer.from(bytes.map((byte, i) => (i === bytes.length - 1 ? byte ^ 1 : byte))),
  ].map((changed) => changed.toString('base64url'));
  const flattened = JSON.stringify({ payload, protected: header, signature });
  return [
    ...signatures.map((changed) => `${header}.${payload}.${changed}`),
    `${header}.${payload}.${signature}=`,
    `${header}.${payload}.${signature.slice(0, 10)} ${signature.slice(10)}`,
    `${payload}.${header}.${signature}`,
    `${header}.${payload}.${payload}`,
    `${signature}`,
    flattened,
  ];
}
