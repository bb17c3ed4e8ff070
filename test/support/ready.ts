import { expect } from 'vitest';
import type { HttpClient } from './http-client.ts';

/** Resolves when the service is ready: on a busy machine, its first ping of the database may take more than a second. */
export async function untilReady(service: Pick<HttpClient, 'rest'>): Promise<void> {
  await expect.poll(async () => (await service.rest('/health/ready')).status, { interval: 10 }).toBe(200);
}
