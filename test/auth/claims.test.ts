import type { Claims } from '../support/auth-keys.ts';
import { audience, issuer } from '../support/auth-service.ts';
import { badgeBody, describe, expect, it } from '../support/fixtures.ts';
import { accepted, outcomeOfToken, rejected } from './outcome.ts';

const seconds = () => Math.floor(Date.now() / 1000);

describe('a token is accepted', () => {
  const valid: [string, () => Claims][] = [
    ['3 s after its exp, within the clock tolerance', () => ({ exp: seconds() - 3 })],
    [
      'with iat and nbf 3 s in the future, within the clock tolerance',
      () => ({ iat: seconds() + 3, nbf: seconds() + 3 }),
    ],
    ['without an iat', () => ({ iat: undefined })],
    ['with several audiences that include the service', () => ({ aud: ['another-service', audience] })],
    ['with unknown claims', () => ({ role: 'admin', scope: [7], cnf: null })],
    ['23 hours after its iat and before its exp', () => ({ iat: seconds() - 23 * 3600 })],
    ['a day and 2 s after its iat, within the clock tolerance', () => ({ iat: seconds() - 24 * 3600 - 2 })],
  ];
  for (const [name, claims] of valid) {
    it(name, async ({ service, auth }) => {
      expect(await outcomeOfToken(service, await auth.token('ada', claims()))).toEqual(accepted('ada'));
    });
  }

  for (const [name, sub] of [
    ['a number as text', '42'],
    ['a UUID', '0b6b9a6e-6a52-4c6c-9c0e-3d2f6f1f2c11'],
    ['every punctuation mark that ids may have', 'Aa0._~:|@+-'],
    ['128 characters', 'x'.repeat(128)],
  ] as const) {
    it(`when its subject is ${name}`, async ({ service, auth }) => {
      expect(await outcomeOfToken(service, await auth.token(sub), sub)).toEqual(accepted(sub));
    });
  }

  it('with the last of two sub members as its subject', async ({ service, auth }) => {
    const payload = `{"sub":"victim","sub":"ada","iss":"${issuer}","aud":"${audience}","exp":${seconds() + 60}}`;
    expect(await outcomeOfToken(service, await auth.token('', {}, { payload }))).toEqual(accepted('ada'));
  });

  it('with any typ, and an id token is rejected by its audience', async ({ service, auth }) => {
    for (const typ of ['JWT', 'at+jwt', undefined]) {
      const token = await auth.token('ada', {}, { header: { typ } });
      expect(await outcomeOfToken(service, token)).toEqual(accepted('ada'));
    }
    const idToken = await auth.token('ada', { aud: 'the-web-client', nonce: 'n' });
    expect(await outcomeOfToken(service, idToken)).toEqual(rejected);
  });

  it('for its exact subject only: user ids are case-sensitive', async ({ service, auth, db }) => {
    const before = await db.snapshot();
    const token = await auth.token('Ada');
    const { status, body } = await service.rest('/users/ada/badges', { token, body: badgeBody() });
    expect({ status, code: body.code }).toEqual({ status: 403, code: 'FORBIDDEN' });
    expect(await db.snapshot()).toEqual(before);
  });
});

describe('a token is rejected', () => {
  const invalid: [string, () => Claims][] = [
    ['10 s after its exp', () => ({ exp: seconds() - 10 })],
    ['without an exp', () => ({ exp: undefined })],
    ['whose exp is null', () => ({ exp: null })],
    ['whose exp is text', () => ({ exp: String(seconds() + 600) })],
    ['before its nbf', () => ({ nbf: seconds() + 60 })],
    ['whose iat is in the future', () => ({ iat: seconds() + 3600 })],
    ['whose iat is text', () => ({ iat: 'yesterday' })],
    [
      'more than a day after its iat, even before its exp',
      () => ({ iat: seconds() - 25 * 3600, exp: seconds() + 3600 }),
    ],
    ['with another audience', () => ({ aud: 'another-service' })],
    ['without an audience', () => ({ aud: undefined })],
    ['with an empty list of audiences', () => ({ aud: [] })],
    ['with a prefix of the audience', () => ({ aud: audience.slice(0, -1) })],
    ['from another issuer', () => ({ iss: 'https://evil.test' })],
    ['from the issuer with a trailing slash', () => ({ iss: `${issuer}/` })],
    ['from a list of issuers', () => ({ iss: [issuer] })],
    ['without an issuer', () => ({ iss: undefined })],
  ];
  for (const [name, claims] of invalid) {
    it(name, async ({ service, auth }) => {
      expect(await outcomeOfToken(service, await auth.token('ada', claims()))).toEqual(rejected);
    });
  }
});

describe('a token whose subject is not a user id is rejected without lookups or writes', () => {
  const subjects: [string, unknown][] = [
    ['a number', 7],
    ['an object', { a: 1 }],
    ['a list', ['ada']],
    ['a boolean', true],
    ['null', null],
    ['missing', undefined],
    ['empty', ''],
    ['a path', '../admin'],
    ['..', '..'],
    ['.', '.'],
    ['an encoded path', '%2e%2e%2fadmin'],
    ['a slash', 'ada/badges'],
    ['a query', 'ada?admin=1'],
    ['a NUL', 'a\u0000'],
    ['a header', 'a\r\nX-Admin: 1'],
    ['a line feed', 'ada\n'],
    ['a space', ' ada'],
    ['a non-ASCII letter', 'adá'],
    ['a quote', `a"'};--`],
    ['129 characters', 'x'.repeat(129)],
    ['10 KB', 'x'.repeat(10_000)],
    ['me, which is the viewer in paths', 'me'],
  ];
  for (const [name, sub] of subjects) {
    it(name, async ({ service, auth, db }) => {
      const token = await auth.token(sub);
      await service.rest('/health/live');
      const before = await db.snapshot();
      auth.calls.clear();
      expect(await outcomeOfToken(service, token)).toEqual(rejected);
      const me = await service.rest('/users/me', { token });
      const write = await service.rest('/users/ada/badges', { token, body: badgeBody() });
      expect([me.status, write.status]).toEqual([401, 401]);
      expect(auth.calls).toHaveLength(0);
      expect(await db.snapshot()).toEqual(before);
    });
  }
});
