import { it as base, describe, expect } from '../support/fixtures.ts';
import { accepted, outcomeOfToken, rejected } from './outcome.ts';

/** Services with a clock that the test sets. */
const it = base.extend('timed', async ({ serve }) => {
  const start = Date.now();
  let passed = 0;
  const service = (env: Record<string, string> = {}) => serve(env, { now: () => new Date(start + passed * 1000) });
  return {
    service,
    startSeconds: Math.floor(start / 1000),
    moveTo: (seconds: number) => {
      passed = seconds;
    },
  };
});

describe('a verified token is cached', () => {
  it('until its exp plus the clock tolerance at most', async ({ timed, auth }) => {
    const service = await timed.service();
    const token = await auth.token('ada', { exp: timed.startSeconds + 30 });
    expect(await outcomeOfToken(service, token)).toEqual(accepted('ada'));
    timed.moveTo(33);
    expect(await outcomeOfToken(service, token)).toEqual(accepted('ada'));
    timed.moveTo(37);
    expect(await outcomeOfToken(service, token)).toEqual(rejected);
  });

  it('until the maximum age of a token at most', async ({ timed, auth }) => {
    const service = await timed.service({ AUTH_MAX_TOKEN_AGE_SECONDS: '100' });
    const token = await auth.token('ada', { iat: timed.startSeconds - 70 });
    expect(await outcomeOfToken(service, token)).toEqual(accepted('ada'));
    timed.moveTo(37);
    expect(await outcomeOfToken(service, token)).toEqual(rejected);
  });

  it('unless the clock was set back to before its iat', async ({ timed, auth }) => {
    const service = await timed.service();
    const token = await auth.token('ada');
    expect(await outcomeOfToken(service, token)).toEqual(accepted('ada'));
    timed.moveTo(-600);
    expect(await outcomeOfToken(service, token)).toEqual(rejected);
  });

  it('by its exact text: another token of the same user is verified', async ({ service, auth }) => {
    const token = await auth.token('ada');
    expect(await outcomeOfToken(service, token)).toEqual(accepted('ada'));
    expect(await outcomeOfToken(service, `${token.slice(0, -4)}AAAA`)).toEqual(rejected);
  });
});

describe('the clock of the service', () => {
  for (const [skew, outcome] of [
    [-5, accepted('ada')],
    [5, accepted('ada')],
    [-600, rejected],
    [605, rejected],
  ] as const) {
    it(`${outcome === rejected ? 'rejects' : 'accepts'} a token of ten minutes when it is ${skew} s off`, async ({
      timed,
      auth,
    }) => {
      timed.moveTo(skew);
      const token = await auth.token('ada', { iat: timed.startSeconds, exp: timed.startSeconds + 600 });
      expect(await outcomeOfToken(await timed.service(), token)).toEqual(outcome);
    });
  }

  it('limits the age of a token to AUTH_MAX_TOKEN_AGE_SECONDS', async ({ timed, auth }) => {
    const service = await timed.service({ AUTH_MAX_TOKEN_AGE_SECONDS: '60' });
    const recent = await auth.token('ada', { iat: timed.startSeconds - 50 });
    const old = await auth.token('ada', { iat: timed.startSeconds - 70 });
    expect(await outcomeOfToken(service, recent)).toEqual(accepted('ada'));
    expect(await outcomeOfToken(service, old)).toEqual(rejected);
  });
});
