import { describe, expect, it } from 'vitest';
import { FairSlots } from '../../src/auth-service/fair-slots.ts';

const MAX_WAITING_FLOWS = 250;

describe('a call that waits for a slot', () => {
  it('is one of at most 250 flows of its class, beyond which a call fails at once', async () => {
    const slots = new FairSlots({ shared: 1, reserved: 0 });
    const stop = new AbortController();
    const call = (flow: unknown, trafficClass: 'single' | 'bulk' = 'single') =>
      slots.acquire({ trafficClass, flow, signal: stop.signal });
    const release = await call('first');
    const waiting = Array.from({ length: MAX_WAITING_FLOWS }, (_, flow) => call(flow));
    await expect(call('another')).rejects.toThrow('no slot');
    const accepted = [...waiting, call(0)];
    release();
    await Promise.race(accepted);
    accepted.push(call('after a grant'), call('lookup', 'bulk'));
    await expect(call('another')).rejects.toThrow('no slot');
    stop.abort();
    const ended = await Promise.allSettled(accepted);
    expect(ended.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });
});
