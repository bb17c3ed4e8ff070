import type { Environment } from '../environment/environment.ts';
import { batchStudy } from './batch.ts';
import { connectionsStudy } from './connections.ts';
import { gatewayStudy } from './gateway.ts';
import { growthStudy } from './growth.ts';
import { overloadStudy } from './overload.ts';
import { soakStudy } from './soak.ts';
import type { ChartResult, TableResult } from './study.ts';

type Study = (environment: Environment) => Promise<ChartResult | TableResult>;

export const STUDIES: ReadonlyMap<string, Study> = new Map<string, Study>([
  ['gateway', gatewayStudy],
  ['batch', batchStudy],
  ['connections', connectionsStudy],
  ['overload', overloadStudy],
  ['growth', growthStudy],
  ['soak', soakStudy],
]);

/** The studies that run only with `--long` or by name. */
export const LONG_STUDIES = ['growth', 'soak'];
