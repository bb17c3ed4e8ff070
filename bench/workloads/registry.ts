import { calendar } from './calendar.ts';
import { connection } from './connection.ts';
import { mutation, restCreate } from './create-badge.ts';
import { entities } from './entities.ts';
import { mix } from './mix.ts';
import { recordActivity } from './record-activity.ts';
import { restList } from './rest-list.ts';
import { restProfile } from './rest-profile.ts';
import { badgeCounts, streaks } from './streaks.ts';
import type { Workload } from './workload.ts';

export const WORKLOADS: readonly Workload[] = [
  entities(1),
  entities(20),
  entities(200),
  connection,
  mutation,
  mix,
  recordActivity,
  streaks,
  badgeCounts,
  calendar,
  restList,
  restProfile,
  restCreate,
];

/** The workloads of `--quick`. */
export const QUICK_WORKLOADS = ['entities-1', 'entities-20', 'rest-list'];
