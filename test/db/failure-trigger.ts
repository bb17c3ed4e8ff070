import type { Sql } from 'postgres';

/**
 * Creates triggers by which the name of a badge controls its insert: `sleep 0.5`, `raise 40001`, or
 * `raise 40001 times 2` for the first two attempts only. With `at commit raise ...` the commit fails. A sequence counts
 * the attempts, because rollbacks do not reset it.
 */
export async function createFailureTrigger(sql: Sql): Promise<void> {
  await sql`create sequence if not exists attempts`;
  await sql.unsafe(`
    create or replace function injected_failure() returns trigger language plpgsql as $$
    declare
      state text := substring(new.name from 'raise (\\w{5})');
      times bigint := coalesce(substring(new.name from 'times (\\d+)')::bigint, 1000);
    begin
      perform pg_sleep(coalesce(substring(new.name from 'sleep ([\\d.]+)')::float, 0));
      if state is not null and nextval('attempts') <= times then
        raise exception 'injected_failure' using errcode = state;
      end if;
      return new;
    end $$`);
  await sql`
    create or replace trigger injected_failure before insert on badges for each row
    when (new.name not like 'at commit%') execute function injected_failure()`;
  await sql`drop trigger if exists injected_failure_at_commit on badges`;
  await sql`
    create constraint trigger injected_failure_at_commit after insert on badges deferrable initially deferred for each row
    when (new.name like 'at commit%') execute function injected_failure()`;
}

/** Returns the number of attempts since the last call. */
export async function countAttempts(sql: Sql): Promise<number> {
  const [row] = await sql<{ count: number }[]>`
    select case when is_called then last_value else 0 end::int as count from attempts`;
  await sql`select setval('attempts', 1, false)`;
  return row?.count ?? 0;
}
