import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect } from '../../support/fixtures.ts';
import { it } from '../../support/proxied.ts';
import { untilReady } from '../../support/ready.ts';
import { startRelay } from '../../support/relay.ts';

const DOES_NOT_RESPOND = ['warn', 'the database does not respond'];
const READY = ['info', 'ready'];
const LOGGED_AT_START = [[], [DOES_NOT_RESPOND, READY]];

/** The time for which probes share one query, with a margin. */
const PING_TTL_MS = 300;

describe('readiness', () => {
  it('costs one query in 250 ms, however many probes there are', async ({ serve }) => {
    const service = await serve({ OPERATIONS_PORT: '0' });
    await untilReady(service);
    await delay(PING_TTL_MS);
    service.statements.clear();
    const start = performance.now();
    for (let round = 0; round < 5; round++) {
      const probes = await Promise.all(Array.from({ length: 100 }, () => service.rest('/health/ready')));
      expect(new Set(probes.map(({ status }) => status))).toEqual(new Set([200]));
    }
    const intervals = Math.floor((performance.now() - start) / 250) + 1;
    expect(service.statements.length).toBeGreaterThan(0);
    expect(service.statements.length).toBeLessThanOrEqual(intervals);
  });

  it('is not lost when the event loop stalls for longer than the time limit of a query', async ({
    serve,
    db,
    onTestFinished,
  }) => {
    let stallMs = 0;
    const stall = () => {
      const end = performance.now() + stallMs;
      stallMs = 0;
      while (performance.now() < end);
    };
    // The relay gets the response, stalls, and only then forwards it to the service.
    const relay = await startRelay(db.url, () => ({ onReceived: stall }));
    onTestFinished(() => relay.close());
    const service = await serve({ DATABASE_URL: relay.url });
    await untilReady(service);
    await delay(PING_TTL_MS);
    stallMs = 1600;
    expect(await service.rest('/health/ready')).toMatchObject({ status: 200 });
    expect(stallMs).toBe(0);
  });

  it('is logged when it changes, and not for each probe', async ({ serve, proxy }) => {
    const service = await serve({ DATABASE_URL: proxy.url });
    const status = async () => (await service.rest('/health/ready')).status;
    const changes = () =>
      service.logs
        .filter(({ msg }) => msg !== 'request' && /ready|respond/.test(msg))
        .map(({ level, msg }) => [level, msg]);
    await untilReady(service);
    // On a busy machine, the first ping exceeds its time limit. No other result is a change.
    expect(LOGGED_AT_START).toContainEqual(changes());
    const expected = changes();
    for (let round = 0; round < 2; round++) {
      await proxy.close();
      await expect.poll(status, { timeout: 10_000, interval: 50 }).toBe(503);
      for (let probe = 0; probe < 30; probe++) expect(await status()).toBe(503);
      expected.push(DOES_NOT_RESPOND);
      expect(changes()).toEqual(expected);
      await proxy.open();
      await expect.poll(status, { timeout: 10_000, interval: 50 }).toBe(200);
      expected.push(READY);
      expect(changes()).toEqual(expected);
    }
  });
});
