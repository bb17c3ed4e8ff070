import type { Claims } from '../support/auth-keys.ts';
import { audience, issuer } from '../support/auth-service.ts';
import { badgeBody, describe, expect, it } from '../support/fixtures.ts';
import { accepted, refused, verdictOnToken } from './verdict.ts';

const seconds = () => Math.floor(Date.now() / 1000);

describe('a token is accepted', () => {
  const good: [string, () => Claims][] = [
    ['3 s after its end, for clocks differ', () => ({ exp: seconds() - 3 })],
    ['dated 3 s into the future, for clocks differ', () => ({ iat: seconds() + 3, nbf: seconds() + 3 })],
    ['without an iat', () => ({ iat: undefined })],
    ['for several audiences, ours among them', () => ({ aud: ['somebody-else', audience] })],
    ['with claims that are nobody’s business here', () => ({ role: 'admin', scope: [7], cnf: null })],
    ['23 hours after it was made, while it lasts', () => ({ iat: seconds() - 23 * 3600 })],
  ];
  for (const [name, claims] of good) {
    it(name, async ({ service, auth }) => {
      expect(await verdictOnToken(service, await auth.token('ada', claims()))).toEqual(accepted('ada'));
    });
  }

  for (const [name, sub] of [
    ['a number in text', '42'],
    ['a UUID', '0b6b9a6e-6a52-4c6c-9c0e-3d2f6f1f2c11'],
    ['every sign that an id may have', 'Aa0._~:|@+-'],
    ['128 characters', 'x'.repeat(128)],
  ] as const) {
    it(`when its subject is ${name}`, async ({ service, auth }) => {
      expect(await verdictOnToken(service, await auth.token(sub), sub)).toEqual(accepted(sub));
    });
  }

  it('for the last of two subjects, since only the issuer can have written both', async ({ service, auth }) => {
    const payload = `{"sub":"victim","sub":"ada","iss":"${issuer}","aud":"${audience}","exp":${seconds() + 60}}`;
    expect(await verdictOnToken(service, await auth.token('', {}, { payload }))).toEqual(accepted('ada'));
  });

  it('whatever its typ: the audience tells an access token from others', async ({ service, auth }) => {
    for (const typ of ['JWT', 'at+jwt', undefined]) {
      const token = await auth.token('ada', {}, { header: { typ } });
      expect(await verdictOnToken(service, token)).toEqual(accepted('ada'));
    }
    const idToken = await auth.token('ada', { aud: 'the-web-client', nonce: 'n' });
    expect(await verdictOnToken(service, idToken)).toEqual(refused);
  });

  it('as nobody but its subject, whose id is case-sensitive', async ({ service, auth, db }) => {
    const before = await db.snapshot();
    const token = await auth.token('Ada');
    const { status, body } = await service.rest('/users/ada/badges', { token, body: badgeBody() });
    expect({ status, code: body.code }).toEqual({ status: 403, code: 'FORBIDDEN' });
    expect(await db.snapshot()).toEqual(before);
  });
});

describe('a token is refused', () => {
  const bad: [string, () => Claims][] = [
    ['10 s after its end', () => ({ exp: seconds() - 10 })],
    ['without an end', () => ({ exp: undefined })],
    ['whose end is null', () => ({ exp: null })],
    ['whose end is text', () => ({ exp: String(seconds() + 600) })],
    ['before its time', () => ({ nbf: seconds() + 60 })],
    ['from the future', () => ({ iat: seconds() + 3600 })],
    ['whose date is text', () => ({ iat: 'yesterday' })],
    ['made more than a day ago, however long it lasts', () => ({ iat: seconds() - 25 * 3600, exp: seconds() + 3600 })],
    ['for another audience', () => ({ aud: 'somebody-else' })],
    ['for no audience', () => ({ aud: undefined })],
    ['for an empty list of audiences', () => ({ aud: [] })],
    ['for an audience that ours begins with', () => ({ aud: audience.slice(0, -1) })],
    ['from another issuer', () => ({ iss: 'https://evil.test' })],
    ['from the issuer with a slash', () => ({ iss: `${issuer}/` })],
    ['from several issuers', () => ({ iss: [issuer] })],
    ['from no issuer', () => ({ iss: undefined })],
  ];
  for (const [name, claims] of bad) {
    it(name, async ({ service, auth }) => {
      expect(await verdictOnToken(service, await auth.token('ada', claims()))).toEqual(refused);
    });
  }
});

describe('a token whose subject is not an id is refused, and nothing is looked up or written', () => {
  const subjects: [string, unknown][] = [
    ['a number', 7],
    ['an object', { a: 1 }],
    ['a list', ['ada']],
    ['a flag', true],
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
    ['a line end', 'ada\n'],
    ['a space', ' ada'],
    ['a foreign letter', 'adá'],
    ['a quote', `a"'};--`],
    ['129 characters', 'x'.repeat(129)],
    ['10 KB', 'x'.repeat(10_000)],
    ['me, which names the caller in paths', 'me'],
  ];
  for (const [name, sub] of subjects) {
    it(name, async ({ service, auth, db }) => {
      const token = await auth.token(sub);
      await service.rest('/health/live');
      const before = await db.snapshot();
      auth.calls.clear();
      expect(await verdictOnToken(service, token)).toEqual(refused);
      const me = await service.rest('/users/me', { token });
      const write = await service.rest('/users/ada/badges', { token, body: badgeBody() });
      expect([me.status, write.status]).toEqual([401, 401]);
      expect(auth.calls).toHaveLength(0);
      expect(await db.snapshot()).toEqual(before);
    });
  }
});
