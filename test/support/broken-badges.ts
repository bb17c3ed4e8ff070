import type { Sql } from 'postgres';

/**
 * Makes each statement on `badges` fail with an unexpected error, and returns a function that repairs the table. The
 * planner evaluates the immutable function, so that a statement fails for all rows.
 */
export async function breakBadges(sql: Sql): Promise<() => Promise<void>> {
  await sql.unsafe(`
    alter table badges rename to broken_badges;
    create function explode_on_select() returns boolean immutable language plpgsql as
    $$ begin raise exception 'select from badges failed' using errcode = 'XX000'; end $$;
    create function explode_on_insert() returns trigger language plpgsql as
    $$ begin raise exception 'insert into badges failed' using errcode = 'XX000'; end $$;
    create view badges as select * from broken_badges where explode_on_select();
    create trigger explode instead of insert on badges for each row execute function explode_on_insert();`);
  return async () => {
    await sql.unsafe(`
      drop view badges;
      drop function explode_on_select, explode_on_insert;
      alter table broken_badges rename to badges;`);
  };
}
