import { type Environment, startRequired } from '../environment/environment.ts';
import { median } from '../measurement/statistics.ts';
import { gatewayProgram } from '../processes/programs.ts';
import { cpuTimeBetween, cpuTimeMs, treeCpuTimes } from '../processes/resource-usage.ts';
import { type ServerProcess, startServer } from '../processes/server-process.ts';
import { formatNumber } from '../report/format-number.ts';
import { type HttpRequest, serializeRequest } from '../workloads/http-request.ts';
import { seededRandom } from '../workloads/random.ts';
import { randomReadOnlyUser } from '../workloads/workload.ts';
import type { TableResult } from './study.ts';

const QUERY =
  'query Federated($id:ID!){user(id:$id){username badges(first:10){name iconUrl dateAchieved}' +
  'goals(first:10){title status streakCount}}}';
const SUBGRAPHS = ['service', 'apollo-express'];
const REQUESTS = 1000;
const LOAD = { connections: 32, seconds: 2, firstRequest: 0 };
/** The first round is the warm-up. */
const ROUNDS = 5;

/** A subgraph and the gateway in front of it. */
interface Supergraph {
  subgraph: ServerProcess;
  gateway: ServerProcess;
  samples: Sample[];
}

interface Sample {
  requestsPerSecond: number;
  cpuMsPerRequest: { subgraph: number; gateway: number; authService: number; database: number };
}

/**
 * Measures how the CPU time of a federated query divides between the gateway, the auth-service stub and the subgraph.
 */
export async function gatewayStudy(environment: Environment): Promise<TableResult> {
  await environment.load.setRequests(federatedRequests(environment).map(serializeRequest));
  await using stack = environment.openStack();
  const supergraphs: Supergraph[] = [];
  for (const name of SUBGRAPHS) {
    const subgraph = await startRequired(environment, name, stack);
    const program = gatewayProgram({ authUrl: environment.authService.url, usersUrl: subgraph.url });
    const gateway = await startServer(program, environment.cores.server);
    stack.defer(gateway.stop);
    supergraphs.push({ subgraph, gateway, samples: [] });
  }
  for (let round = 0; round <= ROUNDS; round++) {
    for (const supergraph of supergraphs) supergraph.samples.push(await takeSample(environment, supergraph));
  }
  return {
    name: 'gateway',
    title: 'A federated query through the gateway: CPU time by process',
    rows: [
      ['subgraph', 'req/s', 'gateway ms', 'auth-service ms', 'subgraph ms', "subgraph's share", 'DB CPU ms/req'],
      ...supergraphs.map(tableRow),
    ],
  };
}

function federatedRequests({ tokens: { tokenFor } }: Environment): HttpRequest[] {
  const random = seededRandom(1);
  return Array.from({ length: REQUESTS }, () => {
    const id = randomReadOnlyUser({ random, tokenFor });
    const body = { operationName: 'Federated', query: QUERY, variables: { id } };
    return { method: 'POST', path: '/graphql', body, token: tokenFor(id) };
  });
}

async function takeSample(environment: Environment, { subgraph, gateway }: Supergraph): Promise<Sample> {
  const { authService, database, load } = environment;
  const readCpuTimes = () => [subgraph, gateway, authService].map(({ pid }) => cpuTimeMs(pid));
  const before = readCpuTimes();
  const databaseBefore = treeCpuTimes(database.pid);
  const { succeeded, failed, seconds } = await load.closedLoop({ ...LOAD, port: gateway.port });
  if (failed > 0) throw new Error(`The gateway of ${subgraph.name} failed ${failed} requests.`);
  const [subgraphMs = 0, gatewayMs = 0, authServiceMs = 0] = readCpuTimes().map((ms, i) => ms - (before[i] ?? 0));
  const databaseMs = cpuTimeBetween(databaseBefore, treeCpuTimes(database.pid));
  return {
    requestsPerSecond: succeeded / seconds,
    cpuMsPerRequest: {
      subgraph: subgraphMs / succeeded,
      gateway: gatewayMs / succeeded,
      authService: authServiceMs / succeeded,
      database: databaseMs / succeeded,
    },
  };
}

function tableRow({ subgraph, samples }: Supergraph): string[] {
  const medianOf = (read: (sample: Sample) => number) => median(samples.slice(1).map(read));
  const cpuMs = (process: keyof Sample['cpuMsPerRequest']) =>
    formatNumber(medianOf(({ cpuMsPerRequest }) => cpuMsPerRequest[process]));
  const share = medianOf(({ cpuMsPerRequest: ms }) => ms.subgraph / (ms.subgraph + ms.gateway + ms.authService));
  return [
    subgraph.name,
    formatNumber(medianOf(({ requestsPerSecond }) => requestsPerSecond)),
    cpuMs('gateway'),
    cpuMs('authService'),
    cpuMs('subgraph'),
    `${Math.round(share * 100)}%`,
    cpuMs('database'),
  ];
}
