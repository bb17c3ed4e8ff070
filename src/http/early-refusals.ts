import { randomUUID } from 'node:crypto';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { answerText } from '../lib/node-http.ts';
import { busyAnswer, isForGraphql, isForOperators } from './busy.ts';

interface Gate {
  /** Whether one more request is too many. */
  isFull: () => boolean;
  onRefusal: () => void;
}

interface Door extends Gate {
  /** The whole of a refusal, as it goes over the wire. */
  refusalOf: (url: string) => string;
}

/**
 * Refuses what is too much before node:http makes anything of it, which is most of what a refusal costs otherwise
 * (docs/decisions/0022-early-refusals.md). This is for requests that leave no doubt: one that comes whole and alone, on a
 * connection where everything before has been read and answered. All others are node:http's, and are refused behind it.
 */
export function refuseEarly(server: Server, gate: Gate): void {
  const connections = new WeakMap<Socket, Connection>();
  const door = { ...gate, refusalOf: refusals(server) };
  server.on('connection', (socket) => {
    const [parse] = socket.listeners('data') as Parse[];
    if (parse === undefined) return;
    const connection = new Connection(socket, parse, door);
    connections.set(socket, connection);
    socket.removeListener('data', parse);
    socket.on('data', (bytes: Buffer) => connection.read(bytes));
  });
  server.on('request', (request, response) => connections.get(request.socket)?.begin(request, response));
}

type Parse = (bytes: Buffer) => void;

const HEAD_END = Buffer.from('\r\n\r\n');
const IN_DOUBT = -1;

/** Knows of what comes on a connection where each request ends, as long as that can be told for sure. */
class Connection {
  readonly #socket: Socket;
  readonly #parse: Parse;
  readonly #door: Door;
  /** How many requests began with the bytes of the moment. */
  #begun = 0;
  #unanswered = 0;
  /** Of the latest request's body; NaN if it comes in chunks, undefined before the first. */
  #length: number | undefined;
  /** How many bytes are missing of the latest request; NaN or negative from when that is in doubt, and for good. */
  #missing = 0;

  constructor(socket: Socket, parse: Parse, door: Door) {
    this.#socket = socket;
    this.#parse = parse;
    this.#door = door;
  }

  begin({ headers }: IncomingMessage, response: ServerResponse): void {
    this.#begun++;
    this.#unanswered++;
    response.once('finish', this.#countAnswer);
    this.#length = headers['transfer-encoding'] === undefined ? Number(headers['content-length'] ?? 0) : Number.NaN;
  }

  readonly #countAnswer = (): void => {
    this.#unanswered--;
  };

  read(bytes: Buffer): void {
    if (this.#isIdle() && this.#door.isFull() && this.#refuse(bytes)) return;
    this.#begun = 0;
    this.#parse(bytes);
    this.#missing = this.#missingAfter(bytes);
  }

  /** The first request of a connection is always parsed: node:http waits for it, and not for ever. */
  #isIdle(): boolean {
    const isParsed = this.#length !== undefined && this.#missing === 0;
    return isParsed && this.#unanswered === 0 && this.#socket.writableLength === 0;
  }

  #refuse(bytes: Buffer): boolean {
    const url = urlOfWhole(bytes);
    if (url === undefined || isForOperators(url)) return false;
    this.#door.onRefusal();
    this.#socket.write(this.#door.refusalOf(url), 'latin1');
    return true;
  }

  #missingAfter(bytes: Buffer): number {
    if (this.#missing !== 0) return this.#missing - bytes.length;
    const end = bytes.indexOf(HEAD_END);
    if (this.#begun !== 1 || end < 0) return IN_DOUBT;
    return end + HEAD_END.length + (this.#length ?? 0) - bytes.length;
  }
}

const LONGEST_HEAD = 8192;
const HEAD = /^(?:GET|POST|PUT|PATCH|DELETE) (\/[!-~]*) HTTP\/1\.1\r\n(?:[\w-]+:[\t -~\x80-\xff]*\r\n)+$/;
/** Headers that make of a message something else than its `Content-Length` says, or of a connection its last. */
const UNUSUAL =
  /\n(?:transfer-encoding|expect|upgrade|te|trailer):|\nconnection:(?![\t ]*keep-alive[\t ]*\r)|\ncontent-length:.*\ncontent-length:/is;
const LENGTH = /\ncontent-length:[\t ]*([^\r]*?)[\t ]*\r/i;

/** The address that a request is for, when these bytes are one, all of it, and nothing in it is out of the ordinary. */
function urlOfWhole(bytes: Buffer): string | undefined {
  const end = bytes.indexOf(HEAD_END);
  if (end < 0 || end > LONGEST_HEAD) return undefined;
  const head = bytes.toString('latin1', 0, end + 2);
  const [, length = '0'] = LENGTH.exec(head) ?? [];
  const isWhole = /^\d{1,7}$/.test(length) && Number(length) === bytes.length - end - HEAD_END.length;
  return isWhole && !UNUSUAL.test(head) ? HEAD.exec(head)?.[1] : undefined;
}

/** As long as those that take its place. */
const SOME_ID = '00000000-0000-4000-8000-000000000000';

/** Refusals as node:http sends them, made anew once a second, for the date is in them. */
function refusals(server: Server): Door['refusalOf'] {
  const piecesFor = (url: string) => textOf(server, url).split(SOME_ID);
  let second = 0;
  let forGraphql: string[] = [];
  let forOthers: string[] = [];
  return (url) => {
    const now = Math.floor(Date.now() / 1000);
    if (now !== second) {
      second = now;
      forGraphql = piecesFor('/graphql');
      forOthers = piecesFor('/');
    }
    return (isForGraphql(url) ? forGraphql : forOthers).join(randomUUID());
  };
}

function textOf(server: Server, url: string): string {
  const { headers, body } = busyAnswer(url, SOME_ID);
  const all = {
    ...headers,
    Date: new Date().toUTCString(),
    Connection: 'keep-alive',
    'Keep-Alive': `timeout=${Math.floor(server.keepAliveTimeout / 1000)}`,
  };
  return answerText(503, all, body);
}
