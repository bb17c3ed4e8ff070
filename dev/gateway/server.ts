import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createGatewayRuntime, type GatewayRuntime } from '@graphql-hive/gateway-runtime';
import { graphiqlOptions } from '../../src/http/routes/playground.ts';
import { HEADERS, readExamples } from './examples.ts';

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
}

/**
 * Starts Hive Gateway. It forwards the client's token to the subgraphs, does not verify it, and sends no usage reports.
 * Hive Gateway loads @graphql-mesh/transport-http by name.
 */
export async function startGateway(options: GatewayOptions): Promise<Gateway> {
  const { supergraph, port, host = '127.0.0.1', gatewaySecret } = options;
  const runtime = createGatewayRuntime({
    supergraph,
    logging: 'error',
    // Developers see the gateway's own errors, such as a connection that a subgraph rejects.
    maskedErrors: false,
    landingPage: false,
    healthCheckEndpoint: '/health',
    readinessCheckEndpoint: '/health/ready',
    propagateHeaders: {
      fromClientToSubgraphs: ({ request }) => ({
        authorization: request.headers.get('authorization'),
        'router-authorization': gatewaySecret,
      }),
    },
    graphiql: {
      ...graphiqlOptions({ title: 'The supergraph', headers: HEADERS, examples: readExamples() }),
      // `headers` fills the first tabs only; new tabs take these.
      defaultHeaders: HEADERS,
    },
    // The default page loads scripts from a CDN. This page includes them and is large, hence the lazy import.
    renderGraphiQL: async (page) => (await import('@graphql-yoga/render-graphiql')).renderGraphiQL(page),
  });
  return listen(runtime, port, host);
}

async function listen(runtime: GatewayRuntime, port: number, host: string): Promise<Gateway> {
  const server = createServer((request, response) => {
    if (request.url === '/') response.writeHead(302, { location: '/graphql' }).end();
    else void runtime(request, response);
  });
  server.listen(port, host);
  await once(server, 'listening');
  return {
    url: `http://localhost:${(server.address() as AddressInfo).port}`,
    async close() {
      server.close();
      server.closeAllConnections();
      await runtime.dispose();
    },
  };
}
