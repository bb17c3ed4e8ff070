import type { Sql } from 'postgres';
import { badgeBody } from '../../support/fixtures.ts';

/** The body of a badge whose insert takes 1.2 s, less than the time limit of a query. */
export const heldBody = () => badgeBody({ name: 'held' });

/** Creates the trigger that delays the inserts of `heldBody`. */
export async function delayHeldInserts(sql: Sql): Promise<void> {
  await sql.unsafe(`
    create or replace function delay_insert() returns trigger language plpgsql as
    $$ begin perform pg_sleep(1.2); return new; end $$`);
  await sql`
    create or replace trigger delay_insert before insert on badges for each row
    when (new.name = 'held') execute function delay_insert()`;
}
