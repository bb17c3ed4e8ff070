import { it as base, describe, expect } from '../support/fixtures.ts';
import { accepted, refused, verdictOnToken } from './verdict.ts';

/** A service whose clock the test moves. */
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

describe('a good token is remembered', () => {
  it('never past its end and the leeway', async ({ timed, auth }) => {
    const service = await timed.service();
    const token = await auth.token('ada', { exp: timed.startSeconds + 30 });
    expect(await verdictOnToken(service, token)).toEqual(accepted('ada'));
    timed.moveTo(33);
    expect(await verdictOnToken(service, token)).toEqual(accepted('ada'));
    timed.moveTo(37);
    expect(await verdictOnToken(service, token)).toEqual(refused);
  });

  it('never past the greatest age of a token', async ({ timed, auth }) => {
    const service = await timed.service({ AUTH_MAX_TOKEN_AGE_SECONDS: '100' });
    const token = await auth.token('ada', { iat: timed.startSeconds - 70 });
    expect(await verdictOnToken(service, token)).toEqual(accepted('ada'));
    timed.moveTo(37);
    expect(await verdictOnToken(service, token)).toEqual(refused);
  });

  it('not when the clock has jumped back to before it was made', async ({ timed, auth }) => {
    const service = await timed.service();
    const token = await auth.token('ada');
    expect(await verdictOnToken(service, token)).toEqual(accepted('ada'));
    timed.moveTo(-600);
    expect(await verdictOnToken(service, token)).toEqual(refused);
  });

  it('as itself alone: another token of the same person is looked at anew', async ({ service, auth }) => {
    const token = await auth.token('ada');
    expect(await verdictOnToken(service, token)).toEqual(accepted('ada'));
    expect(await verdictOnToken(service, `${token.slice(0, -4)}AAAA`)).toEqual(refused);
  });
});

describe('clocks differ', () => {
  for (const [skew, verdict] of [
    [-5, accepted('ada')],
    [5, accepted('ada')],
    [-600, refused],
    [605, refused],
  ] as const) {
    it(`a token of ten minutes, seen by a clock ${skew} s off, is ${verdict === refused ? 'refused' : 'accepted'}`, async ({
      timed,
      auth,
    }) => {
      timed.moveTo(skew);
      const token = await auth.token('ada', { iat: timed.startSeconds, exp: timed.startSeconds + 600 });
      expect(await verdictOnToken(await timed.service(), token)).toEqual(verdict);
    });
  }

  it('the greatest age of a token is AUTH_MAX_TOKEN_AGE_SECONDS', async ({ timed, auth }) => {
    const service = await timed.service({ AUTH_MAX_TOKEN_AGE_SECONDS: '60' });
    const young = await auth.token('ada', { iat: timed.startSeconds - 50 });
    const old = await auth.token('ada', { iat: timed.startSeconds - 70 });
    expect(await verdictOnToken(service, young)).toEqual(accepted('ada'));
    expect(await verdictOnToken(service, old)).toEqual(refused);
  });
});
