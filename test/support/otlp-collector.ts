import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { Message } from './protobuf.ts';
import { Recording } from './recording.ts';

interface SpanContext {
  traceId: string;
  spanId: string;
}

export interface ReceivedSpan extends SpanContext {
  /** Empty for a root span. */
  parentId: string;
  name: string;
  /** `SERVER`, `CLIENT` or another kind of OTLP. */
  kind: string;
  attributes: Record<string, unknown>;
  links: SpanContext[];
  isError: boolean;
  /** Nanoseconds since 1970. */
  start: bigint;
  end: bigint;
  resource: Record<string, unknown>;
}

const KINDS = ['UNSPECIFIED', 'INTERNAL', 'SERVER', 'CLIENT', 'PRODUCER', 'CONSUMER'];
const STATUS_ERROR = 2;

interface CollectorOptions {
  status?: number;
  /** Whether it never responds. */
  hangs?: boolean;
}

/** Starts a collector that accepts spans by OTLP over HTTP, in protobuf. */
export async function startOtlpCollector({ status = 200, hangs = false }: CollectorOptions = {}) {
  const spans = new Recording<ReceivedSpan>();
  const requests = new Recording<string>();
  const server = createServer(async (request, response) => {
    requests.push(`${request.method} ${request.url}`);
    const body = await buffer(request);
    if (hangs) return;
    if (status === 200) spans.push(...readSpans(body));
    response.writeHead(status, { 'content-type': 'application/x-protobuf' }).end();
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    spans,
    requests,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

export type OtlpCollector = Awaited<ReturnType<typeof startOtlpCollector>>;

/** Reads an ExportTraceServiceRequest (opentelemetry-proto, trace.proto). */
function readSpans(body: Buffer): ReceivedSpan[] {
  return new Message(body).messages(1).flatMap((resourceSpans) => {
    const resource = attributesOf(resourceSpans.messages(1)[0]?.messages(1) ?? []);
    const spans = resourceSpans.messages(2).flatMap((scope) => scope.messages(2));
    return spans.map((span) => ({
      ...contextOf(span),
      parentId: span.bytes(4)?.toString('hex') ?? '',
      name: span.text(5),
      kind: KINDS[Number(span.integer(6))] ?? '',
      start: span.integer(7),
      end: span.integer(8),
      attributes: attributesOf(span.messages(9)),
      links: span.messages(13).map(contextOf),
      isError: span.messages(15)[0]?.integer(3) === BigInt(STATUS_ERROR),
      resource,
    }));
  });
}

function contextOf(message: Message): SpanContext {
  return { traceId: message.bytes(1)?.toString('hex') ?? '', spanId: message.bytes(2)?.toString('hex') ?? '' };
}

function attributesOf(pairs: readonly Message[]): Record<string, unknown> {
  return Object.fromEntries(pairs.map((pair) => [pair.text(1), anyValue(pair.messages(2)[0])]));
}

/** Returns the text or the number of an AnyValue. */
function anyValue(value: Message | undefined): unknown {
  const text = value?.bytes(1);
  return text === undefined ? Number(value?.integer(3)) : text.toString();
}
