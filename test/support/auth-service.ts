import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { type Claims, KeyRing, type TokenOptions } from './auth-keys.ts';
import { answerGraphql, answerRest, type FieldNames, type People, peopleSchema, type TestUser } from './auth-people.ts';
import { type Exchange, type Fault, type FaultName, faults, send, status } from './faults.ts';
import { type Json, parseJson } from './json.ts';
import { Recording } from './recording.ts';

/** `users` is the first version's `GET /users/{id}`. */
export type Endpoint = 'jwks' | 'graphql' | 'users';

export interface Call {
  /** Undefined for a path that an auth-service does not have. */
  endpoint: Endpoint | undefined;
  method: string;
  url: string;
  headers: IncomingHttpHeaders;
  /** Parsed JSON; the text when it is not JSON; undefined when empty. */
  body: Json;
}

export interface FailOptions {
  /** How many requests fail before the endpoint is well again; by default every one until `heal`. */
  times?: number;
  /** For a status: the header's value. */
  retryAfter?: number | string;
}

export interface AuthServiceOptions {
  fieldNames?: FieldNames;
  /** The shared secret of an auth-service that signs HS256; it still publishes a JWKS. */
  secret?: string;
}

export type AuthService = Awaited<ReturnType<typeof startAuthService>>;

export const issuer = 'https://auth.test';
export const audience = 'user-service';

const jwksPath = '/.well-known/jwks.json';

/** A real auth-service over HTTP that fails when a test tells it to. */
export async function startAuthService({ fieldNames, secret }: AuthServiceOptions = {}) {
  const people: People = new Map();
  const keys = new KeyRing();
  const calls = new Recording<Call>();
  const failing = new Map<Endpoint, { fault: Fault; left: number }>();
  const schema = peopleSchema(people, fieldNames);
  await keys.add();

  async function answer({ endpoint, url, headers, body }: Call): Promise<Exchange['answer']> {
    if (endpoint === 'jwks') return { status: 200, body: { keys: keys.published } };
    if (endpoint === 'users') return answerRest(people, idIn(url));
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
    fault({ request, response, answer: await answer(call), asked: askedIn(call) });
  }

  const server = createServer((request, response) => {
    serve(request, response).catch((error) => {
      console.error('The auth-service of the tests is broken:', error);
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

  await listen(0);
  const { port } = server.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}`;

  return {
    url,
    jwksUrl: url + jwksPath,
    secret,
    keys,
    people,
    /** Every request in the order of arrival; `clear()` before the act. */
    calls,
    callsTo: (endpoint: Endpoint) => calls.filter((call) => call.endpoint === endpoint),

    /** Registers a person; what is not given is made up from the id. */
    add(user: Partial<TestUser> & { id: string }): TestUser {
      const { id, username = id, displayName = null, avatarUrl = null, email = `${username}@example.org` } = user;
      const added = { id, username, displayName, avatarUrl, email };
      people.set(id, added);
      return added;
    },

    /** A token for `sub`, good for ten minutes. `sub` may be of any type: some tests send what no auth-service would. */
    token(sub: unknown, claims: Claims = {}, options: TokenOptions = {}): Promise<string> {
      const iat = Math.floor(Date.now() / 1000);
      const usual = { iss: issuer, aud: audience, sub, iat, exp: iat + 600 };
      return keys.sign({ ...usual, ...claims }, { ...(secret && { alg: 'HS256', key: secret }), ...options });
    },

    /** Makes one endpoint misbehave; a number is a status. The others stay well. */
    fail(endpoint: Endpoint, fault: FaultName | number | Fault, { times = Infinity, retryAfter }: FailOptions = {}) {
      const named = typeof fault === 'number' ? status(fault, { retryAfter }) : fault;
      failing.set(endpoint, { fault: typeof named === 'string' ? faults[named] : named, left: times });
    },

    /** Ends every fault; requests that hang already go on hanging. */
    heal: () => failing.clear(),

    /** Refuses connections, as a process that has died; every open one ends. */
    down: close,
    /** Listens again, on the same port. */
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

function askedIn({ endpoint, url, body }: Call): string[] {
  if (endpoint === 'users') return [idIn(url)];
  return (body?.variables?.representations ?? []).map(({ id }: { id: string }) => id);
}
