import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { type Claims, KeyRing, type TokenOptions } from './auth-keys.ts';
import {
  answerGraphql,
  answerRest,
  buildUsersSchema,
  type FieldNames,
  type TestUser,
  type Users,
} from './auth-users.ts';
import { type Exchange, type Fault, type FaultName, faults, send, status } from './faults.ts';
import { type Json, parseJson } from './json.ts';
import { findTestPort } from './ports.ts';
import { Recording } from './recording.ts';

/** `users` is v1's `GET /users/{id}`. */
export type Endpoint = 'jwks' | 'graphql' | 'users';

export interface Call {
  /** Undefined for unknown paths. */
  endpoint: Endpoint | undefined;
  method: string;
  url: string;
  headers: IncomingHttpHeaders;
  /** The parsed JSON, or the text when it is not JSON; undefined when empty. */
  body: Json;
}

interface FailOptions {
  /** The number of requests that fail; by default all until `clearFaults`. */
  times?: number;
  /** The `Retry-After` header of a status. */
  retryAfter?: number | string;
}

interface AuthServiceOptions {
  fieldNames?: FieldNames;
  /** Signs tokens with HS256 and this secret. The JWKS is published nevertheless. */
  secret?: string;
}

export type AuthService = Awaited<ReturnType<typeof startAuthService>>;

export const issuer = 'https://auth.test';
export const audience = 'user-service';

const jwksPath = '/.well-known/jwks.json';

/** Starts an auth-service over HTTP with fault injection. */
export async function startAuthService({ fieldNames, secret }: AuthServiceOptions = {}) {
  const users: Users = new Map();
  const keys = new KeyRing();
  const calls = new Recording<Call>();
  const failing = new Map<Endpoint, { fault: Fault; left: number }>();
  const schema = buildUsersSchema(users, fieldNames);
  await keys.add();

  async function answer({ endpoint, url, headers, body }: Call): Promise<Exchange['answer']> {
    if (endpoint === 'jwks') return { status: 200, body: { keys: keys.published } };
    if (endpoint === 'users') return answerRest(users, idIn(url));
    if (endpoint === undefined) return { status: 404, body: { detail: 'Not found' } };
    const subject = await keys.subjectOf(headers.authorization?.replace(/^bearer /i, '') ?? '', secret);
    return answerGraphql(schema, body, { subject });
  }

  function faultOf(call: Call): Fault | undefined {
    const failure = call.endpoint && !call.url.startsWith('/elsewhere') ? failing.get(call.endpoint) : undefined;
    if (!failure || failure.left < 1) return undefined;
    failure.left -= 1;
    return failure.fault;
  }

  async function serve(request: IncomingMessage, response: ServerResponse) {
    const call = callOf(request, await text(request));
    calls.push(call);
    const fault = faultOf(call) ?? send;
    fault({ request, response, answer: await answer(call), ids: idsIn(call) });
  }

  const server = createServer((request, response) => {
    serve(request, response).catch((error) => {
      console.error('The test auth-service failed:', error);
      response.destroy();
    });
  });
  const listen = (port: number) => once(server.listen(port, '127.0.0.1'), 'listening');
  const close = async () => {
    if (!server.listening) return;
    server.close();
    server.closeAllConnections();
    await once(server, 'close');
  };

  const port = await findTestPort();
  await listen(port);
  const url = `http://127.0.0.1:${port}`;

  return {
    url,
    jwksUrl: url + jwksPath,
    secret,
    keys,
    users,
    /** Every request in the order of arrival; `clear()` before the call under test. */
    calls,
    callsTo: (endpoint: Endpoint) => calls.filter((call) => call.endpoint === endpoint),

    /** Registers a user; missing fields are derived from the id. */
    add(user: Partial<TestUser> & { id: string }): TestUser {
      const { id, username = id, displayName = null, avatarUrl = null, email = `${username}@example.org` } = user;
      const added = { id, username, displayName, avatarUrl, email };
      users.set(id, added);
      return added;
    },

    /** Signs a token for `sub` that is valid for two hours. `sub` may be of any type, to create invalid tokens. */
    token(sub: unknown, claims: Claims = {}, options: TokenOptions = {}): Promise<string> {
      const iat = Math.floor(Date.now() / 1000);
      const defaults = { iss: issuer, aud: audience, sub, iat, exp: iat + 7200 };
      return keys.sign({ ...defaults, ...claims }, { ...(secret && { alg: 'HS256', key: secret }), ...options });
    },

    /** Injects a fault into one endpoint; a number is a status. */
    fail(endpoint: Endpoint, fault: FaultName | number | Fault, { times = Infinity, retryAfter }: FailOptions = {}) {
      const named = typeof fault === 'number' ? status(fault, { retryAfter }) : fault;
      failing.set(endpoint, { fault: typeof named === 'string' ? faults[named] : named, left: times });
    },

    /** Removes all faults. Requests that already hang do not complete. */
    clearFaults: () => failing.clear(),

    /** Closes all connections and stops listening, as a stopped process does. */
    down: close,
    /** Listens again on the same port. */
    up: async () => {
      if (!server.listening) await listen(port);
    },
    close,
  };
}

function callOf({ method = '', url = '', headers }: IncomingMessage, received: string): Call {
  return {
    endpoint: endpointOf(url),
    method,
    url,
    headers,
    body: received === '' ? undefined : parseJson(received, received),
  };
}

function endpointOf(url: string): Endpoint | undefined {
  const path = url.replace(/^\/elsewhere/, '').replace(/\?.*/, '');
  if (path === jwksPath) return 'jwks';
  if (path === '/graphql') return 'graphql';
  return /^\/users\/[^/]+$/.test(path) ? 'users' : undefined;
}

const idIn = (url: string) => decodeURIComponent(url.replace(/\?.*/, '').split('/').at(-1) ?? '');

function idsIn({ endpoint, url, body }: Call): string[] {
  if (endpoint === 'users') return [idIn(url)];
  return (body?.variables?.representations ?? []).map(({ id }: { id: string }) => id);
}
