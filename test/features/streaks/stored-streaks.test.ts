import fc from 'fast-check';
import { verifyTracking } from '../../../src/features/tracking/verify-tracking.ts';
import type { TestDatabase } from '../../support/database.ts';
import { describe, expect, it } from '../../support/fixtures.ts';
import { HOUR_MS, STARTS, type Subject, steps, take, untilAnswered } from './histories.ts';
import { READ_STREAKS, recomputeStreaks, shownStreaks, sumsOf } from './recomputed-streaks.ts';

const SEED = Number(process.env.FC_SEED ?? 20_260_301);
/** `.github/workflows/properties.yml` runs 1,000 histories, with `FC_SCALE=20`. */
const RUNS = 50 * Number(process.env.FC_SCALE ?? 1);

async function expectKept(db: TestDatabase, subject: Subject): Promise<void> {
  const { id, clock } = subject;
  const { data, text } = await untilAnswered(subject, READ_STREAKS);
  expect(data?.viewer, text).toBeTruthy();
  expect(shownStreaks(data), clock.now.toISOString()).toEqual(await recomputeStreaks(db, id, clock.now));
}

/** Inserts a daily goal and two weekly ones. */
async function insertGoals({ sql }: TestDatabase, userId: string): Promise<number[]> {
  await sql`insert into auth_users (id, goal_count) values (${userId}, 3)`;
  const rows = await sql<{ id: string }[]>`
    insert into learning_goals (auth_user_id, title, status, streak_count, created_at, updated_at, times_per_week)
    select ${userId}, 'Goal', 'in-progress', 0, '2026-01-01', '2026-01-01', n
    from (values (null::smallint), (1::smallint), (3::smallint)) as t(n) returning id`;
  return rows.map(({ id }) => Number(id));
}

describe('stored streaks', () => {
  /** The steps are records, repetitions, voids, zones and excused dates. PostgreSQL ends connections meanwhile. */
  it('equal a plain recomputation from the rows after any history', { timeout: RUNS * 6000 }, async ({
    serve,
    db,
    auth,
  }) => {
    const clock = { now: new Date() };
    const service = await serve({}, { now: () => clock.now });
    const exp = Date.parse('2100-01-01') / 1000;
    const property = fc.asyncProperty(fc.constantFrom(...STARTS), steps, async (start, history) => {
      const id = `user-${crypto.randomUUID()}`;
      const token = (claims: object = {}) => auth.token(id, { iat: undefined, exp, ...claims });
      clock.now = new Date(start);
      // The verification is of all users.
      await db.sql`truncate auth_users cascade`;
      const goals = await insertGoals(db, id);
      const subject = { service, db, id, clock, token, goals, activities: [], events: [], excuses: [] };
      for (const step of history) {
        await take(subject, step);
        await expectKept(db, subject);
      }
      const { kept, computed } = await sumsOf(db, id);
      expect(kept).toEqual(computed);
      const verified = await verifyTracking(db.url, { repair: false, now: () => clock.now });
      expect(verified).toEqual({ wrongSums: 0, wrongStreaks: 0, differences: [] });
      for (const hours of [9, 24, 50, 200]) {
        clock.now = new Date(clock.now.getTime() + hours * HOUR_MS);
        await expectKept(db, subject);
      }
    });
    await fc.assert(property, { seed: SEED, numRuns: RUNS });
  });
});
