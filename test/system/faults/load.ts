import { expect } from 'vitest';
import { badgeBody } from '../../support/builders.ts';
import type { HttpClient } from '../../support/http-client.ts';

interface SignedIn {
  id: string;
  token: string;
}

/** Many callers at once, each with one request after another until `stop`. */
export interface Load {
  /** How many answers of each status there have been; 0 where the connection broke. */
  statuses: Map<number, number>;
  /** The names of the badges whose creation was acknowledged. */
  created: Set<string>;
  slowestMs: number;
  /** Resolves when this many more have been created. */
  creates(count: number): Promise<void>;
  stop(): Promise<void>;
}

const CALLERS = 12;

/** Each caller reads, then writes under a name that nobody else uses. */
export function startLoad(service: HttpClient, people: readonly SignedIn[]): Load {
  const load = { statuses: new Map<number, number>(), created: new Set<string>(), slowestMs: 0 };
  let isOver = false;

  const call = async (path: string, options: { token: string; body?: unknown; headers?: Record<string, string> }) => {
    const start = performance.now();
    const { status } = await service.rest(path, options).catch(() => ({ status: 0 }));
    load.slowestMs = Math.max(load.slowestMs, performance.now() - start);
    load.statuses.set(status, (load.statuses.get(status) ?? 0) + 1);
    return status;
  };
  const caller = async ({ id, token }: SignedIn, number: number) => {
    for (let i = 0; !isOver; i++) {
      await call(`/users/${id}/badges?limit=5`, { token });
      const name = `badge ${number} ${i}`;
      const headers = { 'idempotency-key': `${number}-${i}` };
      const status = await call(`/users/${id}/badges`, { token, headers, body: badgeBody({ name }) });
      if (status === 200) load.created.add(name);
    }
  };
  const callers = Array.from({ length: CALLERS }, (_, i) =>
    caller(people[i % people.length] ?? { id: '', token: '' }, i),
  );

  return Object.assign(load, {
    async creates(count: number) {
      const enough = load.created.size + count;
      await expect.poll(() => load.created.size, { timeout: 15_000, interval: 10 }).toBeGreaterThanOrEqual(enough);
    },
    async stop() {
      isOver = true;
      await Promise.all(callers);
    },
  });
}
