import { Agent, type IncomingHttpHeaders, type IncomingMessage, type OutgoingHttpHeaders, request } from 'node:http';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { type Json, parseJson } from './json.ts';

type Headers = Record<string, string | string[] | number | undefined>;

export interface RestOptions {
  /** GET by default, POST when there is a body. */
  method?: string;
  /** The bearer token of the `Authorization` header. */
  token?: string;
  /** An array sends the header once per value; undefined removes a default. */
  headers?: Headers;
  /** Strings and bytes are sent unchanged, other values as JSON. */
  body?: unknown;
  signal?: AbortSignal;
}

export interface RestResponse {
  status: number;
  headers: IncomingHttpHeaders;
  /** Undefined when `text` is not JSON. */
  body: Json;
  text: string;
}

export interface GraphqlOptions extends Pick<RestOptions, 'token' | 'headers' | 'signal'> {
  operationName?: string;
}

export interface GraphqlResponse extends RestResponse {
  data: Json;
  errors: Json[] | undefined;
}

export interface HttpClient {
  url: string;
  /** Sends the path unchanged: the client does not resolve `..`, follow redirects or retry. */
  rest(path: string, options?: RestOptions): Promise<RestResponse>;
  graphql(query: string, variables?: Record<string, unknown>, options?: GraphqlOptions): Promise<GraphqlResponse>;
  /** Sends the bytes on a new connection and returns all that the server sends until it closes the connection. */
  raw(bytes: string | Uint8Array): Promise<string>;
}

interface DisposableHttpClient extends HttpClient {
  disconnect(): void;
}

/** Creates a keep-alive client. It uses node:http because `fetch` normalises paths and headers. */
export function createHttpClient(url: string): DisposableHttpClient {
  const agent = new Agent({ keepAlive: true });
  const { hostname, port } = new URL(url);

  async function rest(path: string, options: RestOptions = {}): Promise<RestResponse> {
    const { method = options.body === undefined ? 'GET' : 'POST', signal } = options;
    const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
    const headers = headersOf(options);
    const outgoing = request({ hostname, port, path, method, headers, agent, ...(signal && { signal }) }, resolve);
    outgoing.on('error', reject).end(bytesOf(options.body));
    const response = await promise;
    const received = await text(response);
    return { status: response.statusCode ?? 0, headers: response.headers, text: received, body: parseJson(received) };
  }

  return {
    url,
    rest,
    async graphql(query, variables = {}, { operationName, ...options } = {}) {
      const response = await rest('/graphql', { ...options, body: { query, variables, operationName } });
      return { ...response, data: response.body?.data, errors: response.body?.errors };
    },
    async raw(bytes) {
      const socket = connect({ host: hostname, port: Number(port) });
      socket.write(bytes);
      return text(socket);
    },
    disconnect: () => agent.destroy(),
  };
}

function headersOf({ token, body, headers }: RestOptions): OutgoingHttpHeaders {
  const all: Headers = {
    ...(token !== undefined && { authorization: `Bearer ${token}` }),
    ...(body !== undefined && { 'content-type': 'application/json', 'content-length': bytesOf(body)?.length }),
    ...headers,
  };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
}

function bytesOf(body: unknown): Uint8Array | undefined {
  if (body === undefined || body instanceof Uint8Array) return body;
  return Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
}
