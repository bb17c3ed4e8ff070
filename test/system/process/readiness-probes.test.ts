import { describe, expect } from '../../support/fixtures.ts';
import { it } from '../../support/proxied.ts';

describe('readiness', () => {
  it('costs one query in 250 ms, however many probes there are', async ({ serve }) => {
    const service = await serve({ OPERATIONS_PORT: '0' });
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

  it('is logged when it changes, and not for each probe', async ({ serve, proxy }) => {
    const service = await serve({ DATABASE_URL: proxy.url });
    const status = async () => (await service.rest('/health/ready')).status;
    const changes = () =>
      service.logs
        .filter(({ msg }) => msg !== 'request' && /ready|respond/.test(msg))
        .map(({ level, msg }) => [level, msg]);
    expect(await status()).toBe(200);
    expect(changes()).toEqual([]);
    const expected: string[][] = [];
    for (let round = 0; round < 2; round++) {
      await proxy.close();
      await expect.poll(status, { timeout: 10_000, interval: 50 }).toBe(503);
      for (let probe = 0; probe < 30; probe++) expect(await status()).toBe(503);
      expected.push(['warn', 'the database does not respond']);
      expect(changes()).toEqual(expected);
      await proxy.open();
      await expect.poll(status, { timeout: 10_000, interval: 50 }).toBe(200);
      expected.push(['info', 'ready']);
      expect(changes()).toEqual(expected);
    }
  });
});
