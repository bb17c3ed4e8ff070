import { connect, type Socket } from 'node:net';

export interface Answer {
  /** 0 where the connection broke. */
  status: number;
  /** Whether the answer holds GraphQL errors. */
  hasErrors: boolean;
}

type Done = (answer: Answer) => void;

/** Longer than any server should take for an answer. */
const SILENCE_MS = 30_000;
const NOTHING = Buffer.alloc(0);
const HEAD_END = Buffer.from('\r\n\r\n');
const LAST_CHUNK = Buffer.from('0\r\n\r\n');
const ERRORS = Buffer.from('"errors":[');

/**
 * One keep-alive connection that carries one request at a time. It reads of an answer only where it ends and whether it
 * is a good one: a client that did more would take the core that it shares with PostgreSQL.
 */
export class Connection {
  readonly #port: number;
  #socket: Socket | undefined;
  #done: Done | undefined;
  #head: Buffer = NOTHING;
  /** The last bytes of a body that comes in chunks. */
  #tail: Buffer = NOTHING;
  #status = 0;
  #hasErrors = false;
  /** Whether the server hangs up after this answer. */
  #isClosing = false;
  /** How much of the body is missing; Infinity while the last chunk has not come. */
  #left = 0;

  constructor(port: number) {
    this.#port = port;
  }

  /** Resolves when requests can be sent at once; or when that cannot be, which the first request will show. */
  open(): Promise<void> {
    const socket = this.#connect();
    this.#socket = socket;
    return new Promise((resolve) => socket.once('connect', () => resolve()).once('close', () => resolve()));
  }

  send(request: Buffer, done: Done): void {
    this.#socket ??= this.#connect();
    this.#done = done;
    this.#status = 0;
    this.#hasErrors = false;
    this.#head = NOTHING;
    this.#tail = NOTHING;
    this.#socket.write(request);
  }

  close(): void {
    this.#hangUp();
  }

  #connect(): Socket {
    const socket = connect({ port: this.#port, host: '127.0.0.1', noDelay: true });
    socket.setTimeout(SILENCE_MS, () => socket.destroy());
    socket.on('data', (bytes) => this.#read(bytes));
    socket.on('error', () => undefined);
    socket.on('close', () => {
      if (this.#socket !== socket) return;
      this.#socket = undefined;
      this.#status = 0;
      this.#finish();
    });
    return socket;
  }

  #read(bytes: Buffer): void {
    const body = this.#status === 0 ? this.#readHead(bytes) : bytes;
    if (body === undefined) return;
    this.#hasErrors ||= body.includes(ERRORS);
    this.#left -= body.length;
    if (this.#left === 0 || (this.#left === Number.POSITIVE_INFINITY && this.#endsWithLastChunk(body))) this.#finish();
  }

  /** The last chunk may come in two parts. */
  #endsWithLastChunk(body: Buffer): boolean {
    const seen = body.length < LAST_CHUNK.length ? Buffer.concat([this.#tail, body]) : body;
    this.#tail = seen.subarray(-LAST_CHUNK.length);
    return this.#tail.equals(LAST_CHUNK);
  }

  /** What has come of the body; undefined while the head is not there. */
  #readHead(bytes: Buffer): Buffer | undefined {
    this.#head = this.#head.length === 0 ? bytes : Buffer.concat([this.#head, bytes]);
    const end = this.#head.indexOf(HEAD_END);
    if (end < 0) return undefined;
    const head = this.#head.toString('latin1', 0, end);
    this.#status = Number(head.slice(9, 12));
    const length = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1];
    this.#left = length === undefined ? Number.POSITIVE_INFINITY : Number(length);
    this.#isClosing = /\r\nconnection: *close/i.test(head);
    return this.#head.subarray(end + HEAD_END.length);
  }

  #hangUp(): void {
    const socket = this.#socket;
    this.#socket = undefined;
    this.#isClosing = false;
    socket?.destroy();
  }

  #finish(): void {
    const done = this.#done;
    this.#done = undefined;
    if (this.#isClosing) this.#hangUp();
    done?.({ status: this.#status, hasErrors: this.#hasErrors });
  }
}
