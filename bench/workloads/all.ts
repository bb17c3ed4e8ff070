import { entities } from './entities.ts';
import { restList } from './rest-list.ts';
import type { Workload } from './workload.ts';

export const WORKLOADS: readonly Workload[] = [entities(1), entities(20), entities(200), restList];

/** Those of `--quick`. */
export const QUICK = ['entities-1', 'entities-20', 'entities-200', 'rest-list'];
