import { connection } from './limit/connection.ts';
import { createBadge, restCreateBadge } from './limit/create-badge.ts';
import { createGoal } from './limit/create-goal.ts';
import { entities } from './limit/entities.ts';
import { startHttpServer } from './limit/http-server.ts';
import { recordActivity } from './limit/record-activity.ts';
import { restBadges } from './limit/rest-badges.ts';
import { restProfile } from './limit/rest-profile.ts';
import { badgeCounts, calendar, streaks } from './limit/tracker.ts';

// A hand-written handler for each request of the workloads, and no framework: the reference for the CPU time on Node.
startHttpServer({
  operations: {
    Entities: entities,
    Connection: connection,
    CreateBadge: createBadge,
    CreateGoal: createGoal,
    RecordActivity: recordActivity,
    Streaks: streaks,
    BadgeCounts: badgeCounts,
    Calendar: calendar,
  },
  routes: { 'GET badges': restBadges, 'GET profile': restProfile, 'POST badges': restCreateBadge },
});
