import type { Sql } from 'postgres';
import { badgeBody, badgeInput, expect } from '../../support/fixtures.ts';

/** The body of a badge whose insert takes 1 s, less than the time limit of a query. */
export const heldBody = () => badgeBody({ name: 'held' });

/** The body of a GraphQL request for 2 s: two badges whose inserts take 1 s each, one after the other. */
export const heldMutation = () => ({
  query: `mutation($input: CreateBadgeInput!) {
    first: createBadge(input: $input) { badge { id } }
    second: createBadge(input: $input) { badge { id } }
  }`,
  variables: { input: badgeInput({ name: 'held' }) },
});

/** Creates the trigger that delays the inserts of `heldBody`. */
export async function delayHeldInserts(sql: Sql): Promise<void> {
  await sql.unsafe(`
    create or replace function delay_insert() returns trigger language plpgsql as
    $$ begin perform pg_sleep(1); return new; end $$`);
  await sql`
    create or replace trigger delay_insert before insert on badges for each row
    when (new.name = 'held') execute function delay_insert()`;
}

/** Resolves when that many delayed inserts run, so that their requests are in flight. */
export async function untilHeld(sql: Sql, count: number): Promise<void> {
  const held = () => sql`
    select from pg_stat_activity where datname = current_database() and wait_event = 'PgSleep'`;
  await expect.poll(async () => (await held()).length, { timeout: 10_000, interval: 5 }).toBe(count);
}
