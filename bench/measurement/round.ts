import { countStatements } from '../database/statement-count.ts';
import type { Environment } from '../environment/environment.ts';
import type { Outcome } from '../load-generator/outcome.ts';
import { cpuTimeBetween, cpuTimeMs, treeCpuTimes } from '../processes/resource-usage.ts';
import type { ServerProcess } from '../processes/server-process.ts';
import type { Sample } from './results.ts';

export interface RoundOptions {
  connections: number;
  /** The length of a round of one server. */
  seconds: number;
}

/** The length of the round that counts statements. */
const COUNT_SECONDS = 0.3;

/** Runs a closed loop. It continues after the server's last request, so that its requests are in no cache. */
export async function runRound({ load }: Environment, server: ServerProcess, options: RoundOptions): Promise<Outcome> {
  const { connections, seconds } = options;
  const outcome = await load.closedLoop({
    port: server.port,
    connections,
    seconds,
    firstRequest: server.requestsSent,
  });
  server.requestsSent += outcome.succeeded + outcome.rejected + outcome.failed;
  return outcome;
}

/** Runs a round and measures the CPU time of the server and of PostgreSQL. */
export async function takeSample(
  environment: Environment,
  server: ServerProcess,
  options: RoundOptions,
): Promise<Sample> {
  const { pid } = environment.database;
  const before = { server: cpuTimeMs(server.pid), database: treeCpuTimes(pid) };
  const outcome = await runRound(environment, server, options);
  const databaseCpuMs = cpuTimeBetween(before.database, treeCpuTimes(pid));
  return { ...outcome, cpuMs: cpuTimeMs(server.pid) - before.server, databaseCpuMs };
}

/** The SQL statements and auth-service lookups of a server. */
export interface CallCounts {
  statementsPerRequest: number;
  lookupsPerRequest: number;
}

/** Counts calls in a round of its own, because counting takes PostgreSQL's CPU time. */
export async function countCalls(
  environment: Environment,
  server: ServerProcess,
  { connections }: RoundOptions,
): Promise<CallCounts> {
  const { authService, database } = environment;
  const readLookups = async () => Number(await (await fetch(`${authService.url}/lookups`)).text());
  let requests = 0;
  const lookupsBefore = await readLookups();
  const statements = await countStatements(database.sql, async () => {
    const outcome = await runRound(environment, server, { connections, seconds: COUNT_SECONDS });
    requests = outcome.succeeded;
  });
  const lookups = (await readLookups()) - lookupsBefore;
  return { statementsPerRequest: statements / requests, lookupsPerRequest: lookups / requests };
}
