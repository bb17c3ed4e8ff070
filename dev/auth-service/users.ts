import DataLoader from 'dataloader';
import type { Pool } from 'pg';

export interface User {
  id: string;
  username: string;
  displayName: string;
  avatarUrl: string | null;
  email: string;
}

/** The format of user ids. PostgreSQL cannot compare some of the other strings, such as those with a NUL character. */
const ID = /^[A-Za-z0-9][A-Za-z0-9._~:|@+-]{0,127}$/;

export type UserLoader = DataLoader<string, User | null>;

/** Creates the loader of one request, which reads all requested ids with one statement. */
export const createUserLoader = (pool: Pool): UserLoader => new DataLoader((ids) => findUsers(pool, ids));

async function findUsers(pool: Pool, ids: readonly string[]): Promise<(User | null)[]> {
  const { rows } = await pool.query<User>(
    `select id, coalesce(username, name) as username, name as "displayName", image as "avatarUrl", email
       from "user" where id = any($1::text[])`,
    [ids.filter((id) => ID.test(id))],
  );
  const byId = new Map(rows.map((user) => [user.id, user]));
  return ids.map((id) => byId.get(id) ?? null);
}
