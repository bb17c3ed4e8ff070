import { describe, expect, it } from '../support/fixtures.ts';

/** Longer than a sample of the event loop's delay. */
const PAUSE_MS = 1500;

describe('one pause of the event loop', () => {
  it('is a sample over the limit, and rejects no request', async ({ serve }) => {
    const service = await serve({}, { limitsEventLoopDelay: true });
    const { http } = service.app;
    const before = http.memoryUsage().eventLoopDelay;
    await expect.poll(() => http.memoryUsage().eventLoopDelay, { interval: 5 }).not.toBe(before);
    const end = performance.now() + PAUSE_MS;
    while (performance.now() < end);
    await expect.poll(() => http.isUnderPressure(), { interval: 5 }).toBe(true);
    const responses = [await service.rest('/users/ada/badges'), await service.graphql('{ __typename }')];
    expect(responses.map(({ status }) => status)).toEqual([200, 200]);
  });
});
