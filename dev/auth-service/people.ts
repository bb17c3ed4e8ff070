import DataLoader from 'dataloader';
import type { Pool } from 'pg';

export interface Person {
  id: string;
  username: string;
  displayName: string;
  avatarUrl: string | null;
  email: string;
}

/** Everything else is nobody's id, and some of it is nothing that PostgreSQL could compare. */
const ID = /^[A-Za-z0-9][A-Za-z0-9._~:|@+-]{0,127}$/;

export type People = DataLoader<string, Person | null>;

/** One per request: one statement for all ids that the request asks for. */
export const loadPeople = (pool: Pool): People => new DataLoader((ids) => findPeople(pool, ids));

async function findPeople(pool: Pool, ids: readonly string[]): Promise<(Person | null)[]> {
  const { rows } = await pool.query<Person>(
    `select id, coalesce(username, name) as username, name as "displayName", image as "avatarUrl", email
       from "user" where id = any($1::text[])`,
    [ids.filter((id) => ID.test(id))],
  );
  const byId = new Map(rows.map((person) => [person.id, person]));
  return ids.map((id) => byId.get(id) ?? null);
}
