import type { Sql } from 'postgres';

/**
 * Lets a badge's name say what happens when it is inserted: `sleep 0.5`, `raise 40001`, or `raise 40001 times 2` and
 * then no more. `at commit raise ...` does it when the transaction commits. Tries are counted by a sequence, which
 * rollbacks leave alone.
 */
export async function letNamesMakeTrouble(sql: Sql): Promise<void> {
  await sql`create sequence tries`;
  await sql.unsafe(`
    create function make_trouble() returns trigger language plpgsql as $$
    declare
      state text := substring(new.name from 'raise (\\w{5})');
      times bigint := coalesce(substring(new.name from 'times (\\d+)')::bigint, 1000);
    begin
      perform pg_sleep(coalesce(substring(new.name from 'sleep ([\\d.]+)')::float, 0));
      if state is not null and nextval('tries') <= times then
        raise exception 'trouble' using errcode = state;
      end if;
      return new;
    end $$`);
  await sql`
    create trigger trouble before insert on badges for each row
    when (new.name not like 'at commit%') execute function make_trouble()`;
  await sql`
    create constraint trigger late_trouble after insert on badges deferrable initially deferred for each row
    when (new.name like 'at commit%') execute function make_trouble()`;
}

/** Resolves with the number of times that trouble was tried since the last call. */
export async function countTries(sql: Sql): Promise<number> {
  const [row] = await sql<{ count: number }[]>`
    select case when is_called then last_value else 0 end::int as count from tries`;
  await sql`select setval('tries', 1, false)`;
  return row?.count ?? 0;
}
