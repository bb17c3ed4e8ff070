import type { Sql } from 'postgres';

interface WhileLocked<Result> {
  /** Starts requests that wait for the user's row. */
  start: () => Promise<Result>;
  /** Ends when the row may be unlocked. */
  until: (started: Promise<Result>) => Promise<unknown>;
}

/** Locks the user's row, which it creates if needed, until `until` ends. Returns the result of `start`. */
export async function whileLocked<Result>(
  sql: Sql,
  id: string,
  { start, until }: WhileLocked<Result>,
): Promise<Result> {
  const [started] = await sql.begin(async (tx) => {
    await tx`insert into auth_users (id, badge_count, goal_count) values (${id}, 0, 0) on conflict do nothing`;
    await tx`select from auth_users where id = ${id} for update`;
    const pending = start();
    await until(pending);
    return [pending] as const;
  });
  return started;
}
