import type { Service } from '../support/app.ts';
import type { Claims } from '../support/auth-keys.ts';
import { startAuthService } from '../support/auth-service.ts';
import { describe, expect, it } from '../support/fixtures.ts';
import { scrape, sumOf } from '../telemetry/exposition.ts';
import { outcomeOf, rejected } from './outcome.ts';

const seconds = () => Math.floor(Date.now() / 1000);

const CLAIMS: [reason: string, claims: () => Claims][] = [
  ['expired', () => ({ exp: seconds() - 10 })],
  ['not_before', () => ({ nbf: seconds() + 60 })],
  ['issued_at', () => ({ iat: seconds() + 3600 })],
  ['issued_at', () => ({ iat: seconds() - 25 * 3600 })],
  ['audience', () => ({ aud: 'another-service' })],
  ['audience', () => ({ aud: undefined })],
  ['issuer', () => ({ iss: 'https://evil.test' })],
  ['claims', () => ({ exp: undefined })],
  ['claims', () => ({ sub: '../admin' })],
];

/** Sends the header to REST and GraphQL, and returns the fields of the two log lines that name the reason. */
async function reasonsOf(service: Service, authorization: string) {
  service.logs.clear();
  const outcome = await outcomeOf(service, authorization);
  const lines = () => service.logs.filter(({ msg }) => msg === 'request');
  await expect.poll(() => lines().length).toBe(2);
  expect(JSON.stringify(service.logs)).not.toContain(authorization.replace(/^Bearer /, '').slice(0, 20));
  return { outcome, reasons: lines().map(({ tokenRejection }) => tokenRejection) };
}

describe('the reason of a rejected token is in the log, and not in the response:', () => {
  it.for(CLAIMS)('%s', async ([reason, claims], { service, auth }) => {
    const { outcome, reasons } = await reasonsOf(service, `Bearer ${await auth.token('ada', claims())}`);
    expect(outcome).toEqual(rejected);
    expect(reasons).toEqual([reason, reason]);
  });

  it('signature, unknown_key, algorithm and malformed', async ({ service, auth }) => {
    const { kid } = await auth.keys.newest();
    const known = await auth.keys.add('EdDSA', { kid, publish: false });
    const unknown = await auth.keys.add('EdDSA', { publish: false });
    const iat = seconds() - 60;
    for (const [reason, token] of [
      ['signature', await auth.token('ada', {}, { key: known })],
      ['unknown_key', await auth.token('ada', { iat }, { key: unknown })],
      ['algorithm', await auth.token('ada', {}, { alg: 'HS256', key: 's'.repeat(32) })],
      ['malformed', 'abcdefghijklmnopqrstuvwxyz'],
      ['malformed', 'abcdefghijklm nopqrstuvwxyz'],
    ] as const) {
      const { outcome, reasons } = await reasonsOf(service, `Bearer ${token}`);
      expect(outcome).toEqual(rejected);
      expect(reasons).toEqual([reason, reason]);
    }
  });

  it('scheme', async ({ service }) => {
    expect((await reasonsOf(service, 'Basic YWRhOnB3YWRhOnB3')).reasons).toEqual(['scheme', 'scheme']);
  });

  it('other, for a key that is too weak', async ({ serve }) => {
    const issuer = await startAuthService();
    const key = await issuer.keys.add('RS256');
    const weak = { kty: 'RSA', e: 'AQAB', n: Buffer.alloc(128, 255).toString('base64url'), kid: key.kid, alg: 'RS256' };
    const token = await issuer.token('ada', {}, { key });
    issuer.keys.remove(key.kid);
    issuer.keys.published.push(weak);
    const service = await serve({ AUTH_JWKS_URL: issuer.jwksUrl });
    expect((await reasonsOf(service, `Bearer ${token}`)).reasons).toEqual(['other', 'other']);
    await issuer.close();
  });
});

describe('rejected tokens', () => {
  it('are counted by reason; requests without a token are not', async ({ serve, auth }) => {
    const service = await serve({ AUTH_AUDIENCE: 'wrong' });
    await outcomeOf(service, `Bearer ${await auth.token('ada')}`);
    await outcomeOf(service, undefined);
    await service.rest('/users/me');
    const counted = async (reason?: string) =>
      sumOf(await scrape(service), 'auth_tokens_rejected_total', reason === undefined ? {} : { reason });
    await expect.poll(() => counted('audience')).toBe(2);
    expect(await counted()).toBe(2);
  });
});
