import { type Relay, startRelay } from './relay.ts';

/** A TCP relay that counts round trips. */
export interface TripCounter extends Relay {
  /** Returns the round trips since the last call: how often a client sent data after a response, or first. */
  take(): number;
}

export async function createTripCounter(targetUrl: string): Promise<TripCounter> {
  let trips = 0;
  const relay = await startRelay(targetUrl, () => {
    let isAwaited = false;
    return {
      onSent: () => {
        if (!isAwaited) trips++;
        isAwaited = true;
      },
      onReceived: () => {
        isAwaited = false;
      },
    };
  });
  return {
    ...relay,
    take() {
      const taken = trips;
      trips = 0;
      return taken;
    },
  };
}
