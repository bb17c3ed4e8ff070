import { expect } from 'vitest';
import type { HttpClient } from './http-client.ts';

/** Resolves when the service is ready. On a busy machine, its first ping of the database takes up to seconds. */
export async function untilReady(service: Pick<HttpClient, 'rest'>, timeout = 10_000): Promise<void> {
  await expect.poll(async () => (await service.rest('/health/ready')).status, { timeout, interval: 10 }).toBe(200);
}
