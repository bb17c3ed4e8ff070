import type { Environment } from '../environment/environment.ts';
import { activityGrowthStudy } from './activity-growth.ts';
import { batchStudy } from './batch.ts';
import { connectionsStudy } from './connections.ts';
import { gatewayStudy } from './gateway.ts';
import { growthStudy } from './growth.ts';
import { latencyStudy } from './latency.ts';
import { overloadStudy } from './overload.ts';
import { roundTripsStudy } from './round-trips.ts';
import { soakStudy } from './soak.ts';
import type { ChartResult, TableResult } from './study.ts';
import { trackerStudy } from './tracker.ts';

type Study = (environment: Environment) => Promise<ChartResult | TableResult>;

export const STUDIES: ReadonlyMap<string, Study> = new Map<string, Study>([
  ['gateway', gatewayStudy],
  ['batch', batchStudy],
  ['connections', connectionsStudy],
  ['round-trips', roundTripsStudy],
  ['latency', latencyStudy],
  ['overload', overloadStudy],
  ['tracker', trackerStudy],
  ['growth', growthStudy],
  ['activity-growth', activityGrowthStudy],
  ['soak', soakStudy],
]);

/** The studies that run only with `--long` or by name. */
export const LONG_STUDIES = ['growth', 'activity-growth', 'soak'];
