import { describe, expect, it } from 'vitest';
import { DroppedSpans } from '../../src/telemetry/dropped-spans.ts';

const INTERVAL_MS = 200;

function createDropped() {
  const lines: object[] = [];
  const log = { warn: (fields: object) => void lines.push(fields) };
  const dropped = new DroppedSpans({ log, countDropped: () => undefined, intervalMs: INTERVAL_MS });
  return { dropped, lines };
}

describe('dropped spans', () => {
  it('are logged at once, and further ones after the interval, also when no other follows', async () => {
    const { dropped, lines } = createDropped();
    for (const spans of [512, 1000, 288]) dropped.add(spans);
    expect(lines).toEqual([{ spans: 512 }]);
    await expect.poll(() => lines).toEqual([{ spans: 512 }, { spans: 1288 }]);
    dropped.add(5);
    dropped.stop();
    expect(lines.at(-1)).toEqual({ spans: 5 });
  });

  it('are logged with the latest error', () => {
    const { dropped, lines } = createDropped();
    const err = new Error('status 400');
    dropped.add(1);
    dropped.add(2, err);
    dropped.add(3);
    dropped.stop();
    expect(lines).toEqual([{ spans: 1 }, { spans: 5, err }]);
  });

  it('are not logged twice', async () => {
    const { dropped, lines } = createDropped();
    dropped.add(1);
    await new Promise((resolve) => setTimeout(resolve, 3 * INTERVAL_MS));
    dropped.stop();
    expect(lines).toEqual([{ spans: 1 }]);
  });
});
