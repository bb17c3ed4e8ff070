import type { Outcome } from '../load/tally.ts';

/** What one server did in one round. */
export interface Sample extends Outcome {
  /** Of the server's process: user and system time. */
  cpuMs: number;
  /** Of all of PostgreSQL's processes. */
  databaseCpuMs: number;
}

export interface ServerResult {
  server: string;
  /** One a round, in order: those of all servers with the same place were taken one after another. */
  samples: Sample[];
  statementsPerRequest: number;
  peakRssMb: number;
  /** Calls to the auth-service, where the workload makes any. */
  lookupsPerRequest?: number;
}

export interface WorkloadResult {
  workload: string;
  title: string;
  connections: number;
  servers: ServerResult[];
}

/** Milliseconds of a server's CPU that one request took, in each round. */
export function cpuPerRequest({ samples }: ServerResult): number[] {
  return samples.map(({ cpuMs, good }) => cpuMs / Math.max(good, 1));
}

/** Figures that are a table from the start. */
export interface TableResult {
  name: string;
  title: string;
  rows: string[][];
}
