import { createAuthenticator } from '../../src/auth/authenticate.ts';
import { audience, startAuthService, issuer as url } from '../support/auth-service.ts';
import { type Fault, send, slow } from '../support/faults.ts';
import { it as base, describe, expect } from '../support/fixtures.ts';
import type { RestResponse } from '../support/http-client.ts';
import { scrape, sumOf } from '../telemetry/exposition.ts';
import { createKeysWithClock } from './jwks-with-clock.ts';
import { accepted, outcomeOfToken, rejected } from './outcome.ts';

/** An auth-service of the test's own, so that its keys change for no other test. Tests that wait are concurrent. */
const it = base.extend('issuer', async ({}, { onCleanup }) => {
  const issuer = await startAuthService();
  onCleanup(() => issuer.close());
  return issuer;
});

const unknownKey = 'ERR_JWKS_NO_MATCHING_KEY';
const unavailable = 'SERVICE_UNAVAILABLE';
const seconds = () => Math.floor(Date.now() / 1000);

const datedBy =
  (ms: number): Fault =>
  (exchange) =>
    send(exchange, { date: new Date(Date.now() + ms).toUTCString() });
/** The right response, from a cache that has it since an hour ago: it is older than every token. */
const cached = datedBy(-3_600_000);
/** The right response of an endpoint whose clock is an hour ahead. */
const ahead = datedBy(3_600_000);
const undated: Fault = (exchange) => {
  exchange.response.sendDate = false;
  send(exchange);
};

describe.concurrent('a key that is published right after a token with an unknown key id', () => {
  it('is accepted', async ({ issuer, serve }) => {
    const service = await serve({ AUTH_JWKS_URL: issuer.jwksUrl });
    const unpublished = await issuer.keys.add('EdDSA', { publish: false });
    const forged = await issuer.token('ada', {}, { key: unpublished });
    expect(await outcomeOfToken(service, forged)).toEqual(rejected);
    await issuer.keys.add();
    expect(await outcomeOfToken(service, await issuer.token('ada'))).toEqual(accepted('ada'));
    expect(await outcomeOfToken(service, forged)).toEqual(rejected);
  });

  it('is accepted when it is the key of that token', async ({ issuer, serve }) => {
    const service = await serve({ AUTH_JWKS_URL: issuer.jwksUrl });
    const key = await issuer.keys.add('EdDSA', { publish: false });
    expect(await outcomeOfToken(service, await issuer.token('ada', {}, { key }))).toEqual(rejected);
    issuer.keys.published.push(key.jwk);
    expect(await outcomeOfToken(service, await issuer.token('ada', {}, { key }))).toEqual(accepted('ada'));
  });

  it('is accepted although tokens with unknown key ids keep coming', async ({ issuer, serve }) => {
    const service = await serve({ AUTH_JWKS_URL: issuer.jwksUrl });
    const unpublished = await issuer.keys.add('EdDSA', { publish: false });
    const forge = () => issuer.token('ada', {}, { key: unpublished, header: { kid: crypto.randomUUID() } });
    let isOver = false;
    const flood = async () => {
      while (!isOver) await service.rest('/users/me', { token: await forge() });
    };
    const floods = Promise.all(Array.from({ length: 10 }, flood));
    for (let rotation = 0; rotation < 3; rotation++) {
      await issuer.keys.add();
      expect(await outcomeOfToken(service, await issuer.token('ada'))).toEqual(accepted('ada'));
    }
    isOver = true;
    await floods;
  });

  for (const [name, fault] of [
    ['comes from a cache', cached],
    ['has no date', undated],
    ['has a date in the future', ahead],
  ] as const) {
    it(`is accepted when the JWKS ${name}`, async ({ issuer }) => {
      issuer.fail('jwks', fault);
      const keys = createKeysWithClock(issuer.jwksUrl);
      const unpublished = await issuer.keys.add('EdDSA', { publish: false });
      expect(await keys.verify(await issuer.token('eve', {}, { key: unpublished }))).toBe(unknownKey);
      await issuer.keys.add();
      expect(await keys.verify(await issuer.token('ada'))).toBe('ada');
    });
  }

  it('is accepted for a token without a key id, when no other key has its algorithm', async ({ issuer }) => {
    issuer.keys.published.length = 0;
    await issuer.keys.add('ES256');
    const keys = createKeysWithClock(issuer.jwksUrl);
    const key = await issuer.keys.add('EdDSA', { publish: false });
    const token = () => issuer.token('ada', {}, { key, header: { kid: undefined } });
    expect(await keys.verify(await token())).toBe(unknownKey);
    issuer.keys.published.push(key.jwk);
    expect(await keys.verify(await token())).toBe('ada');
  });

  const times: [string, () => unknown, unknown][] = [
    ['no iat', () => undefined, 'ada'],
    ['an iat in the future', () => seconds() + 3, 'ada'],
    // NOTE: these are rejected for their iat, not for their key
    ['null for an iat', () => null, 'ERR_JWT_CLAIM_VALIDATION_FAILED'],
    ['a text for an iat', () => 'now', 'ERR_JWT_CLAIM_VALIDATION_FAILED'],
  ];
  for (const [name, iat, verdict] of times) {
    it(`is found for tokens with ${name}`, async ({ issuer }) => {
      const keys = createKeysWithClock(issuer.jwksUrl);
      const unpublished = await issuer.keys.add('EdDSA', { publish: false });
      await keys.verify(await issuer.token('eve', {}, { key: unpublished }));
      await issuer.keys.add();
      expect(await keys.verify(await issuer.token('ada', { iat: iat() }))).toBe(verdict);
    });
  }
});

describe('the refetches for unknown key ids', () => {
  it('are none for tokens that were issued before the JWKS was fetched', async ({ issuer }) => {
    const keys = createKeysWithClock(issuer.jwksUrl);
    const issuedAt = seconds();
    await keys.verify(await issuer.token('ada'));
    issuer.calls.clear();
    const unpublished = await issuer.keys.add('EdDSA', { publish: false });
    for (let i = 0; i < 20; i++) {
      const iat = issuedAt - 2 - i;
      expect(await keys.verify(await issuer.token('ada', { iat }, { key: unpublished }))).toBe(unknownKey);
    }
    expect(issuer.callsTo('jwks')).toHaveLength(0);
  });

  it('are none for key ids that are published for another algorithm, and for ids that are no strings', async ({
    issuer,
  }) => {
    const { kid } = await issuer.keys.newest();
    const keys = createKeysWithClock(issuer.jwksUrl);
    await keys.verify(await issuer.token('ada'));
    issuer.calls.clear();
    const unpublished = await issuer.keys.add('ES256', { publish: false });
    for (const header of [{ kid }, { kid: 5 }, { kid: {} }, { kid: [kid] }, { kid: null }]) {
      expect(await keys.verify(await issuer.token('ada', {}, { key: unpublished, header }))).toBe(unknownKey);
    }
    expect(issuer.callsTo('jwks')).toHaveLength(0);
  });

  it('are one for all tokens of a second', async ({ issuer }) => {
    const keys = createKeysWithClock(issuer.jwksUrl);
    await keys.verify(await issuer.token('ada'));
    issuer.calls.clear();
    const unpublished = await issuer.keys.add('EdDSA', { publish: false });
    const iat = seconds();
    const forged = Array.from({ length: 200 }, (_, i) =>
      issuer.token('ada', { iat }, { key: unpublished, header: { kid: `kid-${i}` } }),
    );
    for (const part of [forged.slice(0, 100), forged.slice(100)]) {
      const verified = await Promise.all((await Promise.all(part)).map(keys.verify));
      expect(new Set(verified)).toEqual(new Set([unknownKey]));
    }
    expect(issuer.callsTo('jwks')).toHaveLength(1);
  });

  it.concurrent('are ten and then one in 3 s; until the next one, a new key gives 503 and no 401', {
    timeout: 60_000,
  }, async ({ issuer }) => {
    issuer.fail('jwks', cached);
    const keys = createKeysWithClock(issuer.jwksUrl);
    const good = await issuer.token('ada');
    await keys.verify(good);
    issuer.calls.clear();
    const unpublished = await issuer.keys.add('EdDSA', { publish: false });
    const forged = await issuer.token('eve', {}, { key: unpublished });
    for (let i = 0; i < 10; i++) expect(await keys.verify(forged)).toBe(unknownKey);
    for (let i = 0; i < 5; i++) expect(await keys.verify(forged)).toBe(unavailable);
    await issuer.keys.add();
    const token = await issuer.token('ada');
    keys.advance(2999);
    expect(await keys.verify(token)).toBe(unavailable);
    expect(issuer.callsTo('jwks')).toHaveLength(10);
    keys.advance(1);
    expect(await keys.verify(token)).toBe('ada');
    expect(await keys.verify(forged)).toBe(unavailable);
    expect(await keys.verify(good)).toBe('ada');
    expect(issuer.callsTo('jwks')).toHaveLength(11);
  });

  it.concurrent('hold at most 256 tokens; the others get 503 and are to retry after a second', {
    timeout: 60_000,
  }, async ({ issuer, serve, expect }) => {
    const keys = createKeysWithClock(issuer.jwksUrl);
    await keys.verify(await issuer.token('ada'));
    const unpublished = await issuer.keys.add('EdDSA', { publish: false });
    const forged = await issuer.token('ada', { iat: undefined }, { key: unpublished });
    const verified = await Promise.all(Array.from({ length: 400 }, () => keys.verify(forged)));
    expect(verified.filter((verdict) => verdict === unavailable)).toHaveLength(144);
    expect(verified.filter((verdict) => verdict === unknownKey)).toHaveLength(256);
    // The tokens wait until all have arrived.
    issuer.fail('jwks', slow(500));
    const service = await serve({ AUTH_JWKS_URL: issuer.jwksUrl });
    const answers: RestResponse[] = [];
    const send = async () => void answers.push(await service.rest('/users/me', { token: forged }));
    // On a slow machine, the first tokens have their response before the last ones arrive.
    const statuses = async () => {
      await Promise.all(Array.from({ length: 400 }, send));
      return answers.map(({ status }) => status);
    };
    await expect.poll(statuses, { timeout: 30_000 }).toContain(503);
    for (const { status, headers } of answers)
      expect([status, headers['retry-after']]).toBeOneOf([
        [401, undefined],
        [503, expect.stringMatching(/^[1-3]$/)],
      ]);
  });

  it.concurrent('leave one line of the log for each rejected token, and count their limit and no failure of the auth-service', {
    timeout: 90_000,
  }, async ({ issuer, serve, expect }) => {
    const service = await serve({ AUTH_JWKS_URL: issuer.jwksUrl });
    await outcomeOfToken(service, await issuer.token('ada'));
    const unpublished = await issuer.keys.add('EdDSA', { publish: false });
    const forged = await issuer.token('ada', { iat: undefined }, { key: unpublished });
    service.logs.clear();
    const send = (_: unknown, i: number) =>
      i % 2 === 0
        ? service.rest('/users/me', { token: forged })
        : service.graphql('{ viewer { id } }', {}, { token: forged });
    const answers: { status: number }[] = [];
    const unavailableCount = () => answers.filter(({ status }) => status === 503).length;
    // All at once would take longer than the time limit of a lookup on a busy machine, which also refetches less often.
    while (answers.length < 400 || (unavailableCount() <= 50 && answers.length < 1000)) {
      answers.push(...(await Promise.all(Array.from({ length: 20 }, send))));
    }
    expect(unavailableCount()).toBeGreaterThan(50);
    await expect.poll(() => service.logs.filter(({ msg }) => msg === 'request').length).toBe(answers.length);
    expect(service.logs.filter(({ msg }) => msg !== 'request')).toEqual([]);
    const series = await scrape(service);
    expect(sumOf(series, 'api_errors_total', { error_type: 'AUTH_SERVICE_UNAVAILABLE' })).toBe(0);
    const limited = sumOf(series, 'http_server_requests_rejected_total', { reason: 'unknown_keys' });
    expect(limited).toBe(unavailableCount());
    expect(sumOf(series, 'api_errors_total', { error_type: 'SERVICE_UNAVAILABLE' })).toBe(limited);
  });

  it('are excluded from the time of a request that load shedding measures', async ({ issuer }) => {
    const keys = { jwksUrl: issuer.jwksUrl };
    const options = { issuer: url, audience, keys, algorithms: ['EdDSA'], maxAgeSeconds: 3600 };
    const authenticator = createAuthenticator(options, () => new Date());
    let excludedMs = 0;
    const excludeWait = async <Result>(wait: () => Promise<Result>): Promise<Result> => {
      const start = performance.now();
      return wait().finally(() => {
        excludedMs += performance.now() - start;
      });
    };
    await authenticator.viewerOf(`Bearer ${await issuer.token('ada')}`, excludeWait);
    excludedMs = 0;
    const unpublished = await issuer.keys.add('EdDSA', { publish: false });
    const forged = await issuer.token('ada', { iat: undefined }, { key: unpublished });
    const verified = authenticator.viewerOf(`Bearer ${forged}`, excludeWait);
    await expect(verified).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
    expect(excludedMs).toBeGreaterThan(90);
  });
});
