import { expect } from 'vitest';
import { badgeBody } from '../../support/builders.ts';
import type { HttpClient } from '../../support/http-client.ts';

interface User {
  id: string;
  token: string;
}

/** The results of concurrent clients that send requests in sequence until `stop`. */
interface Load {
  /** The number of responses by status; status 0 stands for connection errors. */
  statuses: Map<number, number>;
  /** The names of badges whose creation was acknowledged. */
  created: Set<string>;
  slowestMs: number;
  /** Resolves when `count` more badges have been created. */
  untilCreated(count: number): Promise<void>;
  stop(): Promise<void>;
}

const CLIENTS = 12;

/** Starts clients that alternate between reads and writes. Each badge has a unique name. */
export function startLoad(service: HttpClient, users: readonly User[]): Load {
  const load = { statuses: new Map<number, number>(), created: new Set<string>(), slowestMs: 0 };
  let isOver = false;

  const call = async (path: string, options: { token: string; body?: unknown; headers?: Record<string, string> }) => {
    const start = performance.now();
    const { status } = await service.rest(path, options).catch(() => ({ status: 0 }));
    load.slowestMs = Math.max(load.slowestMs, performance.now() - start);
    load.statuses.set(status, (load.statuses.get(status) ?? 0) + 1);
    return status;
  };
  const client = async ({ id, token }: User, number: number) => {
    for (let i = 0; !isOver; i++) {
      await call(`/users/${id}/badges?limit=5`, { token });
      const name = `badge ${number} ${i}`;
      const headers = { 'idempotency-key': `${number}-${i}` };
      const status = await call(`/users/${id}/badges`, { token, headers, body: badgeBody({ name }) });
      if (status === 200) load.created.add(name);
    }
  };
  const clients = Array.from({ length: CLIENTS }, (_, i) =>
    client(users[i % users.length] ?? { id: '', token: '' }, i),
  );

  return Object.assign(load, {
    async untilCreated(count: number) {
      const enough = load.created.size + count;
      await expect.poll(() => load.created.size, { timeout: 15_000, interval: 10 }).toBeGreaterThanOrEqual(enough);
    },
    async stop() {
      isOver = true;
      await Promise.all(clients);
    },
  });
}

/** Expects that `rows` has each badge whose creation was acknowledged, and none twice. */
export function expectNoneLost({ created }: Load, rows: readonly { name: string }[]): void {
  const names = rows.map(({ name }) => name);
  expect([...created].filter((name) => !names.includes(name))).toEqual([]);
  expect(new Set(names).size).toBe(names.length);
}
