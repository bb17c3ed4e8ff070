import type { TestDatabase } from '../../support/database.ts';
import { it as base, expect } from '../../support/fixtures.ts';
import { issuedAt } from '../activities/activity.ts';
import { type Tracker, trackerOf } from '../awards/tracker.ts';

/** The time of the services that `withService` starts. */
export const NOW = new Date('2026-03-04T12:00:00Z');

/** Runs a part of a test with a service of its own, so that its sessions end. */
export const it = base.extend(
  'withService',
  ({ serve, auth }) =>
    async <Result>(act: (tracker: Tracker) => Promise<Result>): Promise<Result> => {
      const service = await serve({}, { now: () => NOW });
      const result = await act(await trackerOf(service, auth, issuedAt(NOW)));
      await service.close();
      return result;
    },
);

/**
 * Returns the rows of activities that all sessions have read. A session reports what it has read at its end at the
 * latest.
 */
export async function rowsRead({ sql }: TestDatabase): Promise<number> {
  // The sessions of the test report theirs now.
  await Promise.all([1, 2].map(() => sql`select pg_stat_force_next_flush(), pg_sleep(0.05)`));
  const sessions = () => sql`
    select from pg_stat_activity where datname = current_database() and application_name = 'user-service'`;
  await expect.poll(async () => (await sessions()).length).toBe(0);
  const [row] = await sql`
    select (seq_tup_read + coalesce(idx_tup_fetch, 0))::int as count from pg_stat_user_tables where relname = 'activities'`;
  return row?.count;
}
