import { connect, type Socket } from 'node:net';

export interface Response {
  /** 0 when the connection broke. */
  status: number;
  /** Whether the body contains GraphQL errors. */
  hasErrors: boolean;
}

type ResponseHandler = (response: Response) => void;

/** Longer than any measured server takes for a response. */
const TIMEOUT_MS = 30_000;
const EMPTY = Buffer.alloc(0);
const END_OF_HEAD = Buffer.from('\r\n\r\n');
const LAST_CHUNK = Buffer.from('0\r\n\r\n');
const GRAPHQL_ERRORS = Buffer.from('"errors":[');

/**
 * A keep-alive connection with one pending request at a time. It reads only the status, the end of the response and
 * whether there are GraphQL errors. Full parsing would take CPU time from PostgreSQL, which shares the core.
 */
export class Connection {
  readonly #port: number;
  #socket: Socket | undefined;
  #onResponse: ResponseHandler | undefined;
  #head: Buffer = EMPTY;
  /** The last bytes of a chunked body. */
  #tail: Buffer = EMPTY;
  #status = 0;
  #hasErrors = false;
  /** Whether the server announced `Connection: close`. */
  #isClosing = false;
  /** Bytes of the body still to come; Infinity before the last chunk of a chunked body. */
  #remaining = 0;

  constructor(port: number) {
    this.#port = port;
  }

  /** Resolves when the connection is open or failed to open; the first request reports the failure. */
  open(): Promise<void> {
    const socket = this.#connect();
    this.#socket = socket;
    return new Promise((resolve) => socket.once('connect', () => resolve()).once('close', () => resolve()));
  }

  send(request: Buffer, onResponse: ResponseHandler): void {
    this.#socket ??= this.#connect();
    this.#onResponse = onResponse;
    this.#status = 0;
    this.#hasErrors = false;
    this.#head = EMPTY;
    this.#tail = EMPTY;
    this.#socket.write(request);
  }

  close(): void {
    const socket = this.#socket;
    this.#socket = undefined;
    this.#isClosing = false;
    socket?.destroy();
  }

  #connect(): Socket {
    const socket = connect({ port: this.#port, host: '127.0.0.1', noDelay: true });
    socket.setTimeout(TIMEOUT_MS, () => socket.destroy());
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
    this.#hasErrors ||= body.includes(GRAPHQL_ERRORS);
    this.#remaining -= body.length;
    if (this.#remaining === 0 || (this.#remaining === Number.POSITIVE_INFINITY && this.#endsWithLastChunk(body)))
      this.#finish();
  }

  /** Also recognizes a last chunk that arrives in two parts. */
  #endsWithLastChunk(body: Buffer): boolean {
    const seen = body.length < LAST_CHUNK.length ? Buffer.concat([this.#tail, body]) : body;
    this.#tail = seen.subarray(-LAST_CHUNK.length);
    return this.#tail.equals(LAST_CHUNK);
  }

  /** Returns the received part of the body; undefined before the head is complete. */
  #readHead(bytes: Buffer): Buffer | undefined {
    this.#head = this.#head.length === 0 ? bytes : Buffer.concat([this.#head, bytes]);
    const end = this.#head.indexOf(END_OF_HEAD);
    if (end < 0) return undefined;
    const head = this.#head.toString('latin1', 0, end);
    this.#status = Number(head.slice(9, 12));
    const length = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1];
    this.#remaining = length === undefined ? Number.POSITIVE_INFINITY : Number(length);
    this.#isClosing = /\r\nconnection: *close/i.test(head);
    return this.#head.subarray(end + END_OF_HEAD.length);
  }

  #finish(): void {
    const onResponse = this.#onResponse;
    this.#onResponse = undefined;
    if (this.#isClosing) this.close();
    onResponse?.({ status: this.#status, hasErrors: this.#hasErrors });
  }
}
