import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Json } from './json.ts';

/** One request to the auth-service and its correct response. */
export interface Exchange {
  request: IncomingMessage;
  response: ServerResponse;
  answer: { status: number; body: Json };
  /** The user ids in the request. */
  ids: string[];
}

/** Responds in place of the auth-service: it may send, change, delay or omit `answer`. */
export type Fault = (exchange: Exchange) => unknown;

export function send({ response, answer }: Exchange, headers: Record<string, string> = {}) {
  response.writeHead(answer.status, { 'content-type': 'application/json', ...headers });
  response.end(JSON.stringify(answer.body));
}

export function status(code: number, { retryAfter }: { retryAfter?: number | string | undefined } = {}): Fault {
  const headers: Record<string, string> = retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) };
  return (exchange) => send({ ...exchange, answer: { status: code, body: { error: `status ${code}` } } }, headers);
}

/** Delays the correct response. */
export function slow(milliseconds: number): Fault {
  return (exchange) => {
    const timer = setTimeout(() => send(exchange), milliseconds);
    exchange.response.on('close', () => clearTimeout(timer));
  };
}

/** Sends the correct response with a changed body. */
export function changed(change: (body: Json, exchange: Exchange) => Json): Fault {
  return (exchange) =>
    send({ ...exchange, answer: { ...exchange.answer, body: change(exchange.answer.body, exchange) } });
}

function raw(type: string, text: (body: Json) => string): Fault {
  return ({ response, answer }) => response.writeHead(200, { 'content-type': type }).end(text(answer.body));
}

function drip({ response }: Exchange) {
  response.writeHead(200, { 'content-type': 'application/json' });
  const timer = setInterval(() => response.write(' '), 50);
  response.on('close', () => clearInterval(timer));
}

function endless({ response }: Exchange) {
  const chunk = 'x'.repeat(65_536);
  const pump = () => {
    while (!response.destroyed && response.write(chunk));
  };
  response.writeHead(200, { 'content-type': 'application/json' }).write('{"padding":"');
  response.on('drain', pump);
  pump();
}

function resetMidBody({ response, answer }: Exchange) {
  const text = JSON.stringify(answer.body);
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': text.length });
  response.write(text.slice(0, text.length / 2), () => response.socket?.resetAndDestroy());
}

const entities = (change: (entities: Json[]) => Json[]) =>
  changed((body) => ({ ...body, data: { ...body.data, _entities: change(body.data._entities) } }));

/** The faults by name; `slow`, `status` and `changed` create others. */
export const faults = {
  /** Accepts the request and never responds. */
  hang: () => undefined,
  /** Sends a valid head, then a space every 50 ms without end. */
  drip,
  /** A complete response with the first half of the JSON. */
  truncated: raw('application/json', (body) =>
    JSON.stringify(body).slice(0, -Math.ceil(JSON.stringify(body).length / 2)),
  ),
  /** Resets the connection in the middle of the body. */
  'reset-mid-body': resetMidBody,
  html: raw('text/html', () => '<!doctype html><title>Sign in</title>'),
  /** The response of a proxy that has no route to the auth-service. */
  'no-route': ({ response }) => response.writeHead(404, { 'content-type': 'text/plain' }).end('default backend - 404'),
  /** The correct JSON with the content type text/plain. */
  'wrong-content-type': raw('text/plain', (body) => JSON.stringify(body)),
  /** The correct response with 1 MB of padding. */
  huge: changed((body) => ({ ...body, padding: 'x'.repeat(1_000_000) })),
  /** Sends a body without end. */
  endless,
  /** 307 to a path of the same server that has the correct response: a client that follows it succeeds. */
  redirect: ({ request, response }) => response.writeHead(307, { location: `/elsewhere${request.url}` }).end(),
  /** A valid response about another user. */
  'wrong-id': changed((body, { ids }) =>
    JSON.parse(JSON.stringify(body), (_, value) => (ids.includes(value) ? 'another-user' : value)),
  ),
  /** Resets the connection without a response. */
  reset: ({ response }) => response.socket?.resetAndDestroy(),
  'no-content': ({ response }) => response.writeHead(204).end(),
  'empty-object': changed(() => ({})),
  /** GraphQL: 200 with errors and no data. */
  'graphql-errors': changed(() => ({ data: null, errors: [{ message: 'database is gone' }] })),
  /** GraphQL: every user is null, each with an error. */
  'entity-errors': changed(({ data }) => ({
    data: { _entities: data._entities.map(() => null) },
    errors: data._entities.map((_: Json, index: number) => ({ message: 'lookup failed', path: ['_entities', index] })),
  })),
  /** GraphQL: the same users in reverse order. */
  reversed: entities((users) => users.toReversed()),
  /** GraphQL: the last user is missing. */
  'missing-entity': entities((users) => users.slice(0, -1)),
} satisfies Record<string, Fault>;

export type FaultName = keyof typeof faults;
