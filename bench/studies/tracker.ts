import { restoreSeed } from '../database/seed.ts';
import { type Environment, startRequired } from '../environment/environment.ts';
import { workloadRequests } from '../measurement/measure-workload.ts';
import { cpuPerRequest, type Sample } from '../measurement/results.ts';
import { type CallCounts, countCalls, runRound, takeSample } from '../measurement/round.ts';
import { median } from '../measurement/statistics.ts';
import { formatNumber, formatRatio } from '../report/format-number.ts';
import { mutation } from '../workloads/create-badge.ts';
import { serializeRequest } from '../workloads/http-request.ts';
import { recordActivity } from '../workloads/record-activity.ts';
import { badgeCounts, streaks } from '../workloads/streaks.ts';
import type { Workload } from '../workloads/workload.ts';
import type { TableResult } from './study.ts';

/** An operation of the tracker and the one that it is compared with. */
interface Comparison {
  operation: Workload;
  reference: Workload;
  /** The maximum of the ratio of their CPU times. */
  maxRatio: number;
}

const COMPARISONS: readonly Comparison[] = [
  { operation: recordActivity, reference: mutation, maxRatio: 2 },
  { operation: streaks, reference: badgeCounts, maxRatio: 1.2 },
];
const ROUNDS = 5;
const ROUND = { connections: 32, seconds: 2 };
/** Until the code is compiled. */
const FIRST_WARM_UP = { ...ROUND, seconds: 6 };
const WARM_UP = { ...ROUND, seconds: 0.3 };
const HEADER = ['operation', 'CPU ms/req', 'DB CPU ms/req', 'SQL/req', "CPU / the reference's", 'maximum'];

interface Measured {
  workload: Workload;
  requests: Buffer[];
  samples: Sample[];
  counts: CallCounts;
}

/** Measures operations of the tracker in turn with simpler ones of the same process of the service. */
export async function trackerStudy(environment: Environment): Promise<TableResult> {
  const rows: string[][] = [];
  for (const comparison of COMPARISONS) rows.push(...(await compare(environment, comparison)));
  return {
    name: 'tracker',
    title: 'Operations of the learning tracker, compared with simpler ones',
    rows: [HEADER, ...rows],
    notes: [`${ROUND.connections} connections; medians of ${ROUNDS} interleaved rounds; ratios with their extremes.`],
  };
}

async function compare(environment: Environment, { operation, reference, maxRatio }: Comparison): Promise<string[][]> {
  await using stack = environment.openStack();
  const server = await startRequired(environment, 'service', stack);
  const measured: Measured[] = [];
  for (const workload of [operation, reference]) {
    const requests = workloadRequests(environment, workload).map(serializeRequest);
    await prepare(environment, { workload, requests });
    await runRound(environment, server, FIRST_WARM_UP);
    await prepare(environment, { workload, requests });
    measured.push({ workload, requests, samples: [], counts: await countCalls(environment, server, ROUND) });
  }
  for (let round = 0; round < ROUNDS; round++) {
    for (const one of measured) {
      await prepare(environment, one);
      await runRound(environment, server, WARM_UP);
      one.samples.push(await takeSample(environment, server, ROUND));
    }
    server.clearLog();
  }
  await restoreSeed(environment.database.sql);
  const [own, other] = measured.map(cpuPerRequest);
  return measured.map((one, index) => [
    ...figures(one),
    ...(index === 0 ? [formatRatio(own ?? [], other ?? []), String(maxRatio)] : ['', '']),
  ]);
}

async function prepare(
  { database, load }: Environment,
  { workload, requests }: Pick<Measured, 'workload' | 'requests'>,
): Promise<void> {
  if (workload.writes) await restoreSeed(database.sql);
  await load.setRequests(requests);
}

function figures({ workload, samples, counts }: Measured): string[] {
  const databaseCpu = samples.map(({ databaseCpuMs, succeeded }) => databaseCpuMs / Math.max(succeeded, 1));
  return [
    workload.name,
    formatNumber(median(cpuPerRequest({ samples }))),
    formatNumber(median(databaseCpu)),
    formatNumber(counts.statementsPerRequest),
  ];
}
