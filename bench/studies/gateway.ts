import { type Bench, startRequired } from '../lib/bench.ts';
import { type HttpRequest, requestBytes } from '../lib/http-request.ts';
import { gatewayProgram } from '../lib/programs.ts';
import { randomNumbers } from '../lib/random.ts';
import type { TableResult } from '../lib/result.ts';
import { type Server, startServer } from '../lib/server.ts';
import { median } from '../lib/statistics.ts';
import { figure } from '../lib/table.ts';
import { cpuMs, familyCpuMs, usedBetween } from '../lib/usage.ts';
import { reader } from '../workloads/workload.ts';

const QUERY =
  'query Federated($id:ID!){user(id:$id){username badges(first:10){name iconUrl dateAchieved}' +
  'goals(first:10){title status streakCount}}}';
const SUBGRAPHS = ['service', 'apollo-express'];
const ROUND = { connections: 32, seconds: 2 };
const ROUNDS = 5;

interface Chain {
  subgraph: Server;
  gateway: Server;
  samples: Sample[];
}

/** Milliseconds of CPU a request. */
interface Sample {
  perSecond: number;
  subgraph: number;
  gateway: number;
  authService: number;
  database: number;
}

/** Whose CPU a federated query takes: the gateway's, the stand-in's of the auth-service, or the subgraph's. */
export async function gatewayStudy(bench: Bench): Promise<TableResult> {
  const random = randomNumbers(1);
  const { tokenOf } = bench.tokens;
  const request = (): HttpRequest => {
    const id = reader({ random, tokenOf });
    const body = { operationName: 'Federated', query: QUERY, variables: { id } };
    return { method: 'POST', path: '/graphql', body, token: tokenOf(id) };
  };
  await bench.load.use(Array.from({ length: 1000 }, () => requestBytes(request())));
  await using session = bench.session();
  const chains: Chain[] = [];
  for (const name of SUBGRAPHS) {
    const subgraph = await startRequired(bench, name, session);
    const program = gatewayProgram({ authUrl: bench.authService.url, usersUrl: subgraph.url });
    const gateway = await startServer(program, bench.cores.server);
    session.defer(gateway.stop);
    chains.push({ subgraph, gateway, samples: [] });
  }
  for (let round = 0; round <= ROUNDS; round++) {
    for (const chain of chains) chain.samples.push(await takeSample(bench, chain));
  }
  return {
    name: 'gateway',
    title: 'A federated query through the gateway: whose CPU it takes',
    rows: [
      ['subgraph', 'req/s', 'gateway ms', 'auth-service ms', 'subgraph ms', "subgraph's share", 'DB CPU ms/req'],
      ...chains.map(row),
    ],
  };
}

async function takeSample(bench: Bench, { subgraph, gateway }: Chain): Promise<Sample> {
  const read = () => [subgraph, gateway, bench.authService].map(({ pid }) => cpuMs(pid));
  const [before, database] = [read(), familyCpuMs(bench.database.pid)];
  const { good, failed, seconds } = await bench.load.closed({ ...ROUND, port: gateway.port, from: 0 });
  if (failed > 0) throw new Error(`the gateway before ${subgraph.name} failed ${failed} requests`);
  const [ofSubgraph = 0, ofGateway = 0, ofAuth = 0] = read().map((ms, i) => (ms - (before[i] ?? 0)) / good);
  const ofDatabase = usedBetween(database, familyCpuMs(bench.database.pid)) / good;
  const perSecond = good / seconds;
  return { perSecond, subgraph: ofSubgraph, gateway: ofGateway, authService: ofAuth, database: ofDatabase };
}

/** Medians; the first round warms up. */
function row({ subgraph, samples }: Chain): string[] {
  const over = (read: (sample: Sample) => number) => median(samples.slice(1).map(read));
  const share = over((one) => one.subgraph / (one.subgraph + one.gateway + one.authService));
  return [
    subgraph.name,
    figure(over((one) => one.perSecond)),
    figure(over((one) => one.gateway)),
    figure(over((one) => one.authService)),
    figure(over((one) => one.subgraph)),
    `${Math.round(share * 100)}%`,
    figure(over((one) => one.database)),
  ];
}
