import type { ServerResponse } from 'node:http';
import type { ExcludeWait } from '../../lib/exclude-wait.ts';
import { exchangeOf } from './exchange.ts';
import type { InFlight } from './in-flight.ts';

/** Returns the function that excludes waits of a request from its measurement. */
export function excludeWaitOf(inFlight: InFlight, response: ServerResponse): ExcludeWait {
  return async (wait) => {
    const exchange = exchangeOf(response);
    if (exchange === undefined) return wait();
    inFlight.startWait(exchange);
    try {
      return await wait();
    } finally {
      inFlight.endWait(exchange);
    }
  };
}
