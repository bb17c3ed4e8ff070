import DataLoader from 'dataloader';
import { and, asc, between, eq, inArray, sql } from 'drizzle-orm';
import { computeStreak, fillCalendar, isoDate, presentDay, presentStreak, type SimpleStreak } from './simple-streak.ts';
import { activities, activityDays, activityTotals, authUsers, db, peerStreaks } from './tables.ts';

/** Creates the DataLoader of a request for the kept streaks. */
export function streakLoader() {
  return new DataLoader<string, SimpleStreak | undefined>(async (ids) => {
    const rows = await db
      .select()
      .from(peerStreaks)
      .where(inArray(peerStreaks.authUserId, [...ids]));
    const found = new Map(rows.map((row) => [row.authUserId, row]));
    return ids.map((id) => found.get(id));
  });
}

interface User {
  id: string;
}

export const userFields = {
  streak: async ({ id }: User, _: unknown, context: { streakByUser: ReturnType<typeof streakLoader> }) =>
    presentStreak(await context.streakByUser.load(id)),
  activityCalendar: async ({ id }: User, range: { from: string; to: string }) => {
    const { localDate: date, count, quantity } = activityDays;
    const isAsked = and(
      eq(activityDays.authUserId, id),
      eq(activityDays.series, 'all'),
      between(date, range.from, range.to),
    );
    return fillCalendar(await db.select({ date, count, quantity }).from(activityDays).where(isAsked), range);
  },
};

interface RecordActivityArgs {
  input: { userId: string; eventId: string; verb: string; objectId: string };
}

/** Records an activity as `limit` does, without pipelining. */
export async function recordActivity(_: unknown, { input }: RecordActivityArgs) {
  const { userId: authUserId, verb } = input;
  const localDate = isoDate(presentDay());
  const series = ['all', `verb:${verb}`];
  const activity = await db.transaction(async (tx) => {
    await tx.select({ id: authUsers.id }).from(authUsers).where(eq(authUsers.id, authUserId)).for('update');
    const now = new Date();
    const stamps = { occurredAt: now, isOccurredAtDefault: true, localDate, timeZone: 'UTC', recordedAt: now };
    const [created] = await tx
      .insert(activities)
      .values({ authUserId, eventId: input.eventId, verb, objectId: input.objectId, quantity: 1, ...stamps })
      .returning({ id: activities.id, localDate: activities.localDate });
    await tx
      .insert(activityDays)
      .values(series.map((one) => ({ authUserId, series: one, localDate, count: 1, quantity: 1 })))
      .onConflictDoUpdate({
        target: [activityDays.authUserId, activityDays.series, activityDays.localDate],
        set: { count: sql`${activityDays.count} + 1`, quantity: sql`${activityDays.quantity} + 1` },
      });
    await tx
      .insert(activityTotals)
      .values(series.map((one) => ({ authUserId, series: one, count: 1, quantity: 1, days: 1, objects: 1 })))
      .onConflictDoUpdate({
        target: [activityTotals.authUserId, activityTotals.series],
        set: { count: sql`${activityTotals.count} + 1`, quantity: sql`${activityTotals.quantity} + 1` },
      });
    const days = await tx
      .select({ day: sql<number>`${activityDays.localDate} - date '1970-01-01'` })
      .from(activityDays)
      .where(and(eq(activityDays.authUserId, authUserId), eq(activityDays.series, 'all')))
      .orderBy(asc(activityDays.localDate));
    const streak = computeStreak(days.map(({ day }) => day));
    await tx
      .insert(peerStreaks)
      .values({ authUserId, ...streak })
      .onConflictDoUpdate({ target: peerStreaks.authUserId, set: streak });
    return created;
  });
  return { activity, replayed: false, user: { id: authUserId }, badges: [] };
}
