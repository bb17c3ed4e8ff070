import type { Outcome } from '../load-generator/outcome.ts';

/** The figures of one server in one round. */
export interface Sample extends Outcome {
  /** User and system time of the server process. */
  cpuMs: number;
  /** User and system time of all PostgreSQL processes. */
  databaseCpuMs: number;
}

export interface ServerResult {
  server: string;
  /** One sample for each round. The samples of one round were taken one after another. */
  samples: Sample[];
  statementsPerRequest: number;
  /** Requests to the auth-service. */
  lookupsPerRequest: number;
  peakRssMb: number;
}

export interface WorkloadResult {
  workload: string;
  title: string;
  connections: number;
  servers: ServerResult[];
}

/** Returns the CPU time of the server for each successful request, in milliseconds, for each round. */
export function cpuPerRequest({ samples }: Pick<ServerResult, 'samples'>): number[] {
  return samples.map(({ cpuMs, succeeded }) => cpuMs / Math.max(succeeded, 1));
}
