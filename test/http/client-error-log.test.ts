import { describe, expect, it } from '../support/fixtures.ts';

const INVALID = 'GET / HTTP/1.1\r\nHost x\r\n\r\n';
const TOO_LONG = `GET / HTTP/1.1\r\nHost: x\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`;

describe('requests that are not valid HTTP', () => {
  it('are logged one by one while they are few', async ({ serve }) => {
    const service = await serve();
    for (const bytes of [INVALID, TOO_LONG, INVALID]) await service.raw(bytes);
    expect(service.logs.filter(({ msg }) => msg === 'request').map(({ status }) => status)).toEqual([400, 431, 400]);
  });

  it('share a line, with their number by status, over 20 in a second', async ({ serve }) => {
    const service = await serve();
    const start = performance.now();
    const flood = Array.from({ length: 300 }, (_, i) => service.raw(i % 3 === 0 ? TOO_LONG : INVALID));
    await Promise.all(flood);
    const seconds = (performance.now() - start) / 1000;
    const summaries = () => service.logs.filter(({ suppressed }) => suppressed !== undefined);
    const counted = () => {
      const lines = service.logs.filter(({ msg }) => msg === 'request');
      const count = (status: number) =>
        lines.filter((line) => line.status === status).length +
        summaries().reduce((sum, { suppressed }) => sum + (suppressed[status] ?? 0), 0);
      return [count(400), count(431)];
    };
    await expect.poll(counted, { timeout: 10_000 }).toEqual([200, 100]);
    // Twenty lines and a summary in each second or part of one.
    expect(service.logs.length).toBeLessThanOrEqual(21 * (Math.floor(seconds) + 2));
    expect(service.logs.length).toBeLessThan(300);
    expect(summaries()[0]).toMatchObject({ level: 'info', msg: 'requests that are not valid HTTP, by status' });
  });
});
