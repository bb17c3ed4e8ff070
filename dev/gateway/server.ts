import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createGatewayRuntime, type GatewayConfigSupergraph, type GatewayRuntime } from '@graphql-hive/gateway-runtime';
import { createPages } from './pages.ts';

export interface Gateway {
  /** The base URL. GraphQL and the playground are at /graphql. */
  url: string;
  close(): Promise<void>;
}

export interface GatewayOptions {
  /** The supergraph SDL, which contains the URLs of the subgraphs. */
  supergraph: string;
  /** 0 picks a free port. */
  port: number;
  host?: string | undefined;
  /** Sent to the subgraphs in the Router-Authorization header. */
  gatewaySecret?: string | undefined;
  /** The playground signs demo users in there. */
  signInUrl?: string | undefined;
  /** Origins whose pages may call the gateway; none by default. */
  corsOrigins?: readonly string[];
  /** Replaces the query planner, or adds a cache. */
  extensions?: Partial<Pick<GatewayConfigSupergraph, 'unifiedGraphHandler' | 'cache' | 'responseCaching'>>;
}

/** The client's token, trace and request id. */
const FORWARDED_HEADERS = ['authorization', 'traceparent', 'tracestate', 'x-request-id'];

/**
 * Starts Hive Gateway. It forwards the client's token to the subgraphs, does not verify it, and sends no usage reports.
 * Hive Gateway loads @graphql-mesh/transport-http by name.
 */
export async function startGateway(options: GatewayOptions): Promise<Gateway> {
  const { supergraph, port, host = '127.0.0.1', gatewaySecret, signInUrl, corsOrigins = [], extensions } = options;
  const runtime = createGatewayRuntime({
    ...extensions,
    supergraph,
    // A list that lacks the origin would be answered with `null`, which is the origin of sandboxed pages.
    cors: (request) => {
      const origin = request.headers.get('origin') ?? '';
      return corsOrigins.includes(origin) && { origin: [origin], credentials: false, maxAge: 7200 };
    },
    logging: 'error',
    // Developers see the gateway's own errors, such as a connection that a subgraph rejects.
    maskedErrors: false,
    landingPage: false,
    healthCheckEndpoint: '/health',
    readinessCheckEndpoint: '/health/ready',
    propagateHeaders: {
      fromClientToSubgraphs: ({ request }) => ({
        ...Object.fromEntries(FORWARDED_HEADERS.map((name) => [name, request.headers.get(name)])),
        'router-authorization': gatewaySecret,
      }),
    },
    // Its page loads scripts from a CDN; that of `createPages` includes them.
    graphiql: false,
  });
  return listen(runtime, { port, host, signInUrl });
}

type ListenOptions = Pick<GatewayOptions, 'port' | 'signInUrl'> & { host: string };

async function listen(runtime: GatewayRuntime, { port, host, signInUrl }: ListenOptions): Promise<Gateway> {
  const server = createServer().listen(port, host);
  await once(server, 'listening');
  const url = `http://localhost:${(server.address() as AddressInfo).port}`;
  const sendPage = createPages({ url, signInUrl });
  server.on('request', (request, response) => {
    if (sendPage(request, response)) return;
    if (request.url === '/') response.writeHead(302, { location: '/graphql' }).end();
    else void runtime(request, response);
  });
  return {
    url,
    async close() {
      server.close();
      server.closeAllConnections();
      await runtime.dispose();
    },
  };
}
