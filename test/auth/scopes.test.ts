import { createAuthenticator } from '../../src/auth/authenticate.ts';
import { hasScope, requireScope } from '../../src/auth/scopes.ts';
import type { Viewer } from '../../src/auth/viewer.ts';
import type { Claims } from '../support/auth-keys.ts';
import { audience, issuer } from '../support/auth-service.ts';
import { it as base, describe, expect } from '../support/fixtures.ts';

const run = <Result>(wait: () => Promise<Result>) => wait();

/** Returns the viewer of a token with these claims. */
const it = base.extend('viewerWith', async ({ auth }) => {
  const options = { issuer, audience, keys: { jwksUrl: auth.jwksUrl }, algorithms: ['EdDSA'], maxAgeSeconds: 3600 };
  const authenticator = createAuthenticator(options, () => new Date());
  return async (claims: Claims): Promise<Viewer | null> =>
    authenticator.viewerOf(`Bearer ${await auth.token('ada', claims)}`, run);
});

const scopesOf = (viewer: Viewer | null) => [...(viewer?.scopes ?? [])].sort();
const BOTH = ['activity:read', 'badges:manage'];

describe('the scopes of a token', () => {
  it.for<[string, Claims]>([
    ['the text of scope', { scope: 'badges:manage activity:read' }],
    ['the text of scp', { scp: 'badges:manage activity:read' }],
    ['the text of permissions', { permissions: 'badges:manage activity:read' }],
    ['the items of scp', { scp: ['badges:manage', 'activity:read'] }],
    ['the items of permissions', { permissions: ['badges:manage', 'activity:read'] }],
    ['all these claims together', { scope: 'openid badges:manage', scp: [], permissions: ['activity:read'] }],
    ['the known names among others', { scope: 'openid activity:read  constructor badges:manage __proto__ toString' }],
    ['the strings among other items', { scp: [null, 7, ['streaks:write'], {}, 'activity:read', 'badges:manage'] }],
  ])('are %s', async ([, claims], { viewerWith }) => {
    expect(scopesOf(await viewerWith(claims))).toEqual(BOTH);
  });

  it.for<[string, Claims]>([
    ['without a claim of scopes', {}],
    ['with a list in scope, which OAuth defines as text', { scope: ['badges:manage'] }],
    ['with claims of other types', { scope: { 'badges:manage': true }, scp: 7, permissions: null }],
    ['with the name in other case', { scope: 'BADGES:MANAGE' }],
    ['with a prefix, a suffix or a wildcard of the name', { scope: 'badges badges:manage:all badges:*' }],
    ['with names in one item', { permissions: ['badges:manage activity:read'] }],
    ['with names that are not separated by spaces', { scope: 'badges:manage,activity:read\tbadges:award' }],
  ])('are none %s', async ([, claims], { viewerWith }) => {
    expect(scopesOf(await viewerWith(claims))).toEqual([]);
  });

  it('are those of the exact token, also when both tokens are cached', async ({ viewerWith }) => {
    for (let request = 0; request < 2; request++) {
      expect(scopesOf(await viewerWith({ scope: 'badges:award', jti: '1' }))).toEqual(['badges:award']);
      expect(scopesOf(await viewerWith({ jti: '1' }))).toEqual([]);
    }
  });

  it('are the same for each use of a cached token', async ({ auth }) => {
    const options = { issuer, audience, keys: { jwksUrl: auth.jwksUrl }, algorithms: ['EdDSA'], maxAgeSeconds: 3600 };
    const authenticator = createAuthenticator(options, () => new Date());
    const authorization = `Bearer ${await auth.token('ada', { scope: 'badges:award', zoneinfo: 'Asia/Tokyo' })}`;
    const first = await authenticator.viewerOf(authorization, run);
    expect(await authenticator.viewerOf(authorization, run)).toEqual(first);
    expect(first).toMatchObject({ id: 'ada', scopes: new Set(['badges:award']), zoneinfo: 'Asia/Tokyo' });
  });
});

describe('the zoneinfo of a token', () => {
  it.for<[unknown, string | undefined]>([
    ['Europe/Berlin', 'Europe/Berlin'],
    ['x'.repeat(64), 'x'.repeat(64)],
    ['x'.repeat(65), undefined],
    ['', ''],
    [7, undefined],
    [['Europe/Berlin'], undefined],
    [null, undefined],
  ])('is text of at most 64 characters: %j', async ([zoneinfo, expected], { viewerWith }) => {
    expect((await viewerWith({ zoneinfo }))?.zoneinfo).toBe(expected);
  });
});

describe('requireScope', () => {
  it('returns the viewer of a token with the scope', async ({ viewerWith }) => {
    const viewer = await viewerWith({ scope: 'badges:manage' });
    expect(requireScope(viewer, 'badges:manage', 'do it')).toBe(viewer);
    expect(hasScope(viewer, 'badges:manage')).toBe(true);
  });

  it('is FORBIDDEN for another scope, and UNAUTHENTICATED without a token', async ({ viewerWith }) => {
    const viewer = await viewerWith({ scope: 'badges:award' });
    expect(() => requireScope(viewer, 'badges:manage', 'define badges')).toThrow(
      expect.objectContaining({ code: 'FORBIDDEN', message: 'Not authorized to define badges' }),
    );
    expect(() => requireScope(null, 'badges:manage', 'define badges')).toThrow(
      expect.objectContaining({ code: 'UNAUTHENTICATED', message: 'Not authenticated' }),
    );
    expect([hasScope(viewer, 'badges:manage'), hasScope(null, 'badges:manage')]).toEqual([false, false]);
  });
});
