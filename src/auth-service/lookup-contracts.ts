import type { PropagatedHeaders } from '../lib/trace-context.ts';
import { type AuthUser, MAX_IDS_PER_LOOKUP, type OwnAuthUser } from './auth-service.ts';
import { FetchError, fetchJson } from './fetch-json.ts';

/** A user for each id; null where the auth-service says that the user does not exist. */
export type Users = ReadonlyMap<string, AuthUser | OwnAuthUser | null>;

interface LookupCall {
  /** 1 to `maxIdsPerCall` ids, without duplicates. */
  ids: readonly string[];
  signal: AbortSignal;
  /** Sent as the bearer token. */
  token: string | undefined;
  /** Those of the request that the call is for. */
  headers?: PropagatedHeaders | undefined;
  /** Whether to ask for the email, which the auth-service shows to its user only. */
  withEmail?: boolean;
}

/** A way to ask the auth-service for users. */
export interface LookupContract {
  maxIdsPerCall: number;
  method: 'GET' | 'POST';
  /** The path of a call, with `{id}` for an id. */
  template: string;
  /**
   * Sends one HTTP request and returns an entry for each id.
   * @throws {FetchError}
   */
  fetchUsers(call: LookupCall): Promise<Users>;
}

/**
 * Returns the contract of an auth-service that is a subgraph: all ids in one `_entities` query. Entities are matched by
 * id, so the order of the response does not matter; ids without an entity do not exist.
 */
export function graphqlContract({ url, userFields }: { url: string; userFields: string }): LookupContract {
  const query = (fields: string) =>
    `query UserServiceLookup($representations: [_Any!]!) { _entities(representations: $representations) { ... on User { id ${fields} } } }`;
  const publicQuery = query(userFields);
  const ownQuery = query(`${userFields} email`);

  const fetchUsers = async ({ ids, signal, withEmail = false, ...call }: LookupCall): Promise<Users> => {
    const representations = ids.map((id) => ({ __typename: 'User', id }));
    const body = { query: withEmail ? ownQuery : publicQuery, variables: { representations } };
    const response = await fetchJson(`${url}/graphql`, { signal, headers: headersOf(call), body });
    const users = new Map<string, AuthUser | null>(ids.map((id) => [id, null]));
    for (const entity of readEntities(response, ids.length)) {
      if (entity === null) continue;
      const user = readUser(entity, { id: readString(entity, 'id'), withEmail });
      if (users.get(user.id) !== null) throw invalidResponse('a user that was not requested, or one user twice');
      users.set(user.id, user);
    }
    return users;
  };
  return { maxIdsPerCall: MAX_IDS_PER_LOOKUP, method: 'POST', template: '/graphql', fetchUsers };
}

/**
 * Returns the contract of a v1 auth-service: one GET for each id. Where ids are integers, other texts are the ids of no
 * user. The response for one can be the user with the same number, such as 7 for `007`.
 */
export function restContract({ url }: { url: string }): LookupContract {
  const fetchUsers = async ({ ids, signal, withEmail = false, ...call }: LookupCall): Promise<Users> => {
    const [id = ''] = ids;
    const request = { signal, headers: headersOf(call) };
    const response = await fetchJson(`${url}/users/${encodeURIComponent(id)}`, request).catch(undefinedIfNotFound);
    if (response === undefined || (hasIntegerId(response) && !isInteger(id))) return new Map([[id, null]]);
    const user = readUser(response, { id: readId(response), withEmail });
    if (user.id !== id) throw invalidResponse('a user that was not requested');
    return new Map([[id, user]]);
  };
  return { maxIdsPerCall: 1, method: 'GET', template: '/users/{id}', fetchUsers };
}

/** Returns undefined for a 404 with JSON. One without JSON is that of a proxy without a route to the auth-service. */
function undefinedIfNotFound(error: unknown): undefined {
  if (error instanceof FetchError && error.status === 404 && error.isJson) return undefined;
  throw error;
}

function hasIntegerId(entity: unknown): boolean {
  return Number.isSafeInteger(readField(entity, 'id'));
}

/** Returns whether the id is an integer as JSON writes it: without leading zeros, a sign or an exponent. */
function isInteger(id: string): boolean {
  return /^(?:0|[1-9][0-9]*)$/.test(id);
}

function headersOf({ token, headers }: Pick<LookupCall, 'token' | 'headers'>): Record<string, string> {
  return { ...headers, ...(token !== undefined && { authorization: `Bearer ${token}` }) };
}

function readEntities(response: unknown, count: number): (object | null)[] {
  const { data, errors } = (response ?? {}) as { data?: { _entities?: unknown } | null; errors?: unknown };
  if (errors !== undefined) throw invalidResponse('errors');
  const entities = data?._entities;
  if (!Array.isArray(entities) || entities.length !== count) {
    throw invalidResponse('a list whose length differs from the number of representations');
  }
  return entities.map((entity) => {
    if (typeof entity !== 'object') throw invalidResponse('an entity that is no object');
    return entity;
  });
}

function readUser(entity: unknown, { id, withEmail }: { id: string; withEmail: boolean }): AuthUser | OwnAuthUser {
  const user = {
    id,
    username: readString(entity, 'username'),
    displayName: readOptionalString(entity, 'displayName'),
    avatarUrl: readOptionalString(entity, 'avatarUrl'),
  };
  return withEmail ? { ...user, email: readOptionalString(entity, 'email') } : user;
}

/** Returns the id as text: the ids of a v1 auth-service are numbers. */
function readId(entity: unknown): string {
  const id = readField(entity, 'id');
  return typeof id === 'number' ? String(id) : readString(entity, 'id');
}

function readString(entity: unknown, name: string): string {
  const value = readField(entity, name);
  if (typeof value !== 'string') throw invalidResponse(`a user whose ${name} is no string`);
  return value;
}

function readOptionalString(entity: unknown, name: string): string | null {
  const value = readField(entity, name) ?? null;
  if (value !== null && typeof value !== 'string') throw invalidResponse(`a user whose ${name} is no string`);
  return value;
}

function readField(entity: unknown, name: string): unknown {
  return typeof entity === 'object' && entity !== null ? (entity as Record<string, unknown>)[name] : undefined;
}

function invalidResponse(content: string): FetchError {
  return new FetchError(`response with ${content}`, { retryable: false });
}
