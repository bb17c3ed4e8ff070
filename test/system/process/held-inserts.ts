import type { Sql } from 'postgres';
import { badgeBody, badgeInput, expect } from '../../support/fixtures.ts';

/** The advisory lock for which held inserts wait. */
const LOCK = 42;

/** The body of a badge whose insert waits during `whileHeld`: at most 1.3 s, less than the time limit of a query. */
export const heldBody = () => badgeBody({ name: 'held' });

/** A GraphQL request with two such inserts, one after the other: it waits for at most 2.6 s. */
export const heldMutation = () => ({
  query: `mutation($input: CreateBadgeInput!) {
    first: createBadge(input: $input) { badge { id } }
    second: createBadge(input: $input) { badge { id } }
  }`,
  variables: { input: badgeInput({ name: 'held' }) },
});

/** Creates the trigger by which the inserts of `heldBody` wait. */
export async function createHeldInserts(sql: Sql): Promise<void> {
  await sql.unsafe(`
    create or replace function hold_insert() returns trigger language plpgsql set lock_timeout = '1300ms' as $$
    begin
      perform pg_advisory_xact_lock_shared(${LOCK});
      return new;
    exception when lock_not_available then
      return new;
    end $$`);
  await sql`
    create or replace trigger hold_insert before insert on badges for each row
    when (new.name = 'held') execute function hold_insert()`;
}

/** Runs `work` while held inserts wait. One connection of `sql` is in use until then. */
export async function whileHeld<Result>(sql: Sql, work: () => Promise<Result>): Promise<Result> {
  const holder = await sql.reserve();
  try {
    await holder`select pg_advisory_lock(${LOCK})`;
    return await work();
  } finally {
    await holder`select pg_advisory_unlock(${LOCK})`;
    holder.release();
  }
}

/** Resolves when that many held inserts wait, so that their requests are in flight. */
export async function untilHeld(sql: Sql, count: number): Promise<void> {
  const held = () => sql`
    select from pg_stat_activity
    where datname = current_database() and application_name = 'user-service' and wait_event = 'advisory'`;
  await expect.poll(async () => (await held()).length, { timeout: 10_000, interval: 5 }).toBe(count);
}
