import postgres from 'postgres';
import { it as base } from '../support/proxied.ts';

/** The part of a postgres.js pool that its types do not declare. */
interface Undeclared {
  /** Closes the idle connections at once and the others after their queries. The pool stays open. */
  close(): Promise<void>;
}

/** Tests of postgres.js itself, without the service. */
export const it = base
  /** Opens a pool of one connection. */
  .extend('connect', async ({}, { onCleanup }) => {
    const pools: postgres.Sql[] = [];
    onCleanup(() => {
      for (const sql of pools) void sql.end({ timeout: 0 });
    });
    return (url: string, options: Record<string, unknown> = {}) => {
      const sql = postgres(url, { max: 1, fetch_types: false, backoff: () => 0.05, ...options });
      pools.push(sql);
      return sql as typeof sql & Undeclared;
    };
  });

/** Returns the options that name the servers of two URLs. */
export function twoHosts(...urls: [string, string]): Record<string, unknown> {
  return { host: urls.map((url) => new URL(url).hostname), port: urls.map((url) => Number(new URL(url).port)) };
}

/** Returns the process id of the connection's backend. */
export async function backendPid(sql: postgres.ISql): Promise<number> {
  const [row] = await sql<{ pid: number }[]>`select pg_backend_pid() as pid`;
  return row?.pid ?? 0;
}
