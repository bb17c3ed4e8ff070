import { expect } from 'vitest';
import type { Service } from './app.ts';

/** Resolves when so many requests are in flight in a service of this process: their bodies are complete. */
export async function untilInFlight({ app }: Service, count: number): Promise<void> {
  await expect.poll(() => app.http.inFlight.requests, { interval: 5 }).toBe(count);
}
