import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Json } from './json.ts';

/** One request to the auth-service, and what it would answer if it were well. */
export interface Exchange {
  request: IncomingMessage;
  response: ServerResponse;
  answer: { status: number; body: Json };
  /** The ids of the people that the request names. */
  asked: string[];
}

/** Answers in place of the auth-service. It may mend, delay, break or withhold `answer`. */
export type Fault = (exchange: Exchange) => unknown;

export function send({ response, answer }: Exchange, headers: Record<string, string> = {}) {
  response.writeHead(answer.status, { 'content-type': 'application/json', ...headers });
  response.end(JSON.stringify(answer.body));
}

export function status(code: number, { retryAfter }: { retryAfter?: number | string | undefined } = {}): Fault {
  const headers: Record<string, string> = retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) };
  return (exchange) => send({ ...exchange, answer: { status: code, body: { error: `status ${code}` } } }, headers);
}

/** The right answer, this much later. */
export function slow(milliseconds: number): Fault {
  return (exchange) => {
    const timer = setTimeout(() => send(exchange), milliseconds);
    exchange.response.on('close', () => clearTimeout(timer));
  };
}

/** The right answer, changed. */
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

function cut({ response, answer }: Exchange) {
  const text = JSON.stringify(answer.body);
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': text.length });
  response.write(text.slice(0, text.length / 2), () => response.socket?.resetAndDestroy());
}

const entities = (change: (entities: Json[]) => Json[]) =>
  changed((body) => ({ ...body, data: { ...body.data, _entities: change(body.data._entities) } }));

/** The faults that have a name; `slow`, `status` and `changed` make more. */
export const faults = {
  /** Takes the request and never answers. */
  hang: () => undefined,
  /** A good head, then a space every 50 ms, for ever. */
  drip,
  /** A complete response whose JSON breaks off half-way. */
  truncated: raw('application/json', (body) =>
    JSON.stringify(body).slice(0, -Math.ceil(JSON.stringify(body).length / 2)),
  ),
  /** The connection is reset half-way through the body. */
  cut,
  html: raw('text/html', () => '<!doctype html><title>Sign in</title>'),
  /** The right JSON, called text/plain. */
  'wrong-type': raw('text/plain', (body) => JSON.stringify(body)),
  /** The right answer with 1 MB of padding beside it. */
  huge: changed((body) => ({ ...body, padding: 'x'.repeat(1_000_000) })),
  /** A body that fills the pipe and never ends. */
  endless,
  /** 307 to a place on the same server that gives the right answer: whoever follows it succeeds. */
  redirect: ({ request, response }) => response.writeHead(307, { location: `/elsewhere${request.url}` }).end(),
  /** Right in everything, but about somebody else. */
  'wrong-id': changed((body, { asked }) =>
    JSON.parse(JSON.stringify(body), (_, value) => (asked.includes(value) ? 'somebody-else' : value)),
  ),
  /** The connection is reset without an answer. */
  reset: ({ response }) => response.socket?.resetAndDestroy(),
  'no-content': ({ response }) => response.writeHead(204).end(),
  'empty-object': changed(() => ({})),
  /** GraphQL: 200 with errors and no data. */
  'graphql-errors': changed(() => ({ data: null, errors: [{ message: 'database is gone' }] })),
  /** GraphQL: every person is null, and an error says that this is no answer. */
  'entity-errors': changed(({ data }) => ({
    data: { _entities: data._entities.map(() => null) },
    errors: data._entities.map((_: Json, index: number) => ({ message: 'no answer', path: ['_entities', index] })),
  })),
  /** GraphQL: the same people in another order. */
  shuffled: entities((people) => people.toReversed()),
  /** GraphQL: one person fewer than asked. */
  short: entities((people) => people.slice(0, -1)),
} satisfies Record<string, Fault>;

export type FaultName = keyof typeof faults;
