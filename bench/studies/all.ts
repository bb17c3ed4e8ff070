import type { Bench } from '../lib/bench.ts';
import type { TableResult } from '../lib/result.ts';
import type { Study } from '../lib/study.ts';
import { batchStudy } from './batch.ts';
import { connectionsStudy } from './connections.ts';
import { gatewayStudy } from './gateway.ts';
import { growthStudy } from './growth.ts';
import { overloadStudy } from './overload.ts';
import { soakStudy } from './soak.ts';

type Make = (bench: Bench) => Promise<Study | TableResult>;

export const STUDIES: ReadonlyMap<string, Make> = new Map<string, Make>([
  ['gateway', gatewayStudy],
  ['batch', batchStudy],
  ['connections', connectionsStudy],
  ['overload', overloadStudy],
  ['growth', growthStudy],
  ['soak', soakStudy],
]);

/** Those that a run leaves out unless it is asked for them. */
export const LONG = ['growth', 'soak'];
