import { FetchFailure, fetchJson } from '../lib/fetch-json.ts';
import type { AuthUser, OwnAuthUser } from './user.ts';

export interface LookupRequest {
  ids: readonly string[];
  signal: AbortSignal;
  /** Sent as the bearer. */
  token: string | undefined;
  /** Ask for what only the bearer may see of themselves. */
  withEmail?: boolean;
}

/** Everybody asked for; null where the auth-service says that nobody has the id. */
export type Lookup = (request: LookupRequest) => Promise<Map<string, AuthUser | OwnAuthUser | null>>;

/** How one HTTP call is made: with a time limit, tries and so on. */
export type Call = <Result>(work: (signal: AbortSignal) => Promise<Result>, signal: AbortSignal) => Promise<Result>;

/**
 * The auth-service as a subgraph: everybody in one POST, by `_entities`. Answers are matched by id; nobody has the ids
 * that are missing from a list which is as long as it should be.
 */
export function lookupByGraphql({ url, userFields }: { url: string; userFields: string }, call: Call): Lookup {
  const query = (fields: string) =>
    `query UserServiceLookup($representations: [_Any!]!) { _entities(representations: $representations) { ... on User { id ${fields} } } }`;
  const publicQuery = query(userFields);
  const ownQuery = query(`${userFields} email`);

  return async ({ ids, signal, token, withEmail = false }) => {
    const representations = ids.map((id) => ({ __typename: 'User', id }));
    const body = { query: withEmail ? ownQuery : publicQuery, variables: { representations } };
    const answer = await call(
      (trySignal) => fetchJson(`${url}/graphql`, { signal: trySignal, headers: bearer(token), body }),
      signal,
    );
    const entities = readEntities(answer, ids.length);
    const found = new Map<string, AuthUser | null>(ids.map((id) => [id, null]));
    for (const entity of entities) {
      if (entity === null) continue;
      const user = readUser(entity, { id: textOf(entity, 'id'), withEmail });
      if (found.get(user.id) !== null) throw distrust('somebody who was not asked for, or somebody twice');
      found.set(user.id, user);
    }
    return found;
  };
}

/** The first auth-service's contract: a GET for each person. */
export function lookupByRest({ url }: { url: string }, call: Call): Lookup {
  return async ({ ids, signal, token, withEmail = false }) => {
    const one = async (id: string): Promise<[string, AuthUser | null]> => {
      const answer = await call(
        (trySignal) =>
          fetchJson(`${url}/users/${encodeURIComponent(id)}`, { signal: trySignal, headers: bearer(token) }),
        signal,
      );
      if (answer === undefined) return [id, null];
      const user = readUser(answer, { id: idOf(answer), withEmail });
      if (user.id !== id) throw distrust('somebody who was not asked for');
      return [id, user];
    };
    return new Map(await Promise.all(ids.map(one)));
  };
}

function bearer(token: string | undefined): Record<string, string> {
  return token === undefined ? {} : { authorization: `Bearer ${token}` };
}

function readEntities(answer: unknown, count: number): (object | null)[] {
  const { data, errors } = (answer ?? {}) as { data?: { _entities?: unknown } | null; errors?: unknown };
  if (errors !== undefined) throw distrust('errors');
  const entities = data?._entities;
  if (!Array.isArray(entities) || entities.length !== count) throw distrust('another list than was asked for');
  return entities.map((entity) => {
    if (typeof entity !== 'object') throw distrust('something else than a person');
    return entity;
  });
}

function readUser(entity: unknown, { id, withEmail }: { id: string; withEmail: boolean }): AuthUser | OwnAuthUser {
  const user = {
    id,
    username: textOf(entity, 'username'),
    displayName: optionalTextOf(entity, 'displayName'),
    avatarUrl: optionalTextOf(entity, 'avatarUrl'),
  };
  return withEmail ? { ...user, email: optionalTextOf(entity, 'email') } : user;
}

/** The first auth-service's ids are numbers. */
function idOf(entity: unknown): string {
  const id = field(entity, 'id');
  return typeof id === 'number' ? String(id) : textOf(entity, 'id');
}

function textOf(entity: unknown, name: string): string {
  const value = field(entity, name);
  if (typeof value !== 'string') throw distrust(`a person without ${name}`);
  return value;
}

function optionalTextOf(entity: unknown, name: string): string | null {
  const value = field(entity, name) ?? null;
  if (value !== null && typeof value !== 'string') throw distrust(`a person with an odd ${name}`);
  return value;
}

function field(entity: unknown, name: string): unknown {
  return typeof entity === 'object' && entity !== null ? (entity as Record<string, unknown>)[name] : undefined;
}

function distrust(what: string): FetchFailure {
  return new FetchFailure(`an answer with ${what}`, { retryable: false });
}
