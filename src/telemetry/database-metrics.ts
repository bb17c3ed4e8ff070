import { Counter, Gauge, type Registry } from '@prometheus-io/client';
import type { PoolState } from '../db/client.ts';
import type { EndedQuery } from '../db/driver/query-timeouts.ts';
import { CONNECTION_CODE } from '../lib/connection-codes.ts';
import { OTHER } from './bounded-names.ts';
import { durationHistogram } from './duration-histogram.ts';

const OPERATIONS = ['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'WITH', 'BEGIN', 'COMMIT', 'ROLLBACK'];
const SQLSTATE = /^[0-9A-Z]{5}$/;

export function createDatabaseMetrics(registry: Registry) {
  const registers = [registry];
  const observe = durationHistogram(registry, {
    name: 'db_client_operation_duration_seconds',
    help: 'Duration of statements by their first keyword, waiting for a connection included',
    labelNames: ['db_operation_name'],
  });
  const errors = new Counter({
    name: 'db_client_errors_total',
    help: 'Failed statements by SQLSTATE or code of the driver',
    labelNames: ['error_type'],
    registers,
  });
  return {
    observeQuery: ({ text, startedAt, endedAt, error }: EndedQuery): void => {
      observe({ db_operation_name: operationOf(text) }, (endedAt - startedAt) / 1000);
      if (error !== undefined) errors.inc({ error_type: sqlErrorType(error) });
    },
    /** Exports the state of the pool, which is read at each scrape. */
    exportPool: (size: number, read: () => PoolState): void => exportPool(registry, size, read),
  };
}

function exportPool(registry: Registry, size: number, read: () => PoolState): void {
  const registers = [registry];
  new Gauge({
    name: 'db_client_connections',
    help: 'Open connections of the pool by state',
    labelNames: ['db_client_connection_state'],
    registers,
    collect() {
      const { used, idle } = read();
      this.set({ db_client_connection_state: 'used' }, used);
      this.set({ db_client_connection_state: 'idle' }, idle);
    },
  });
  new Gauge({ name: 'db_client_connection_max', help: 'Maximum connections of the pool', registers }).set(size);
  new Gauge({
    name: 'db_client_connection_pending_requests',
    help: 'Statements and transactions that wait for a connection',
    registers,
    collect() {
      this.set(read().waiting);
    },
  });
}

function operationOf(text: string): string {
  const keyword = /^\s*([a-z]+)/i.exec(text)?.[1]?.toUpperCase() ?? '';
  return OPERATIONS.includes(keyword) ? keyword : OTHER;
}

/** Returns the SQLSTATE of an error, its code of a lost or missing connection, or `other`. */
export function sqlErrorType(error: unknown): string {
  const { code } = error as { code?: unknown };
  if (typeof code !== 'string') return OTHER;
  return SQLSTATE.test(code) || CONNECTION_CODE.test(code) ? code : OTHER;
}
