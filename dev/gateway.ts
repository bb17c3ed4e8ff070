import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createGatewayRuntime, type GatewayRuntime } from '@graphql-hive/gateway-runtime';
import { graphiqlOptions } from '../src/http/playground.ts';
import { HEADERS, readExamples } from './gateway/examples.ts';

export interface Gateway {
  /** Without a path: operations go to /graphql, and so do browsers. */
  url: string;
  close(): Promise<void>;
}

export interface GatewayOptions {
  /** SDL; it names the subgraphs' addresses. */
  supergraph: string;
  /** 0 picks a free one. */
  port: number;
  host?: string | undefined;
  /** Sent to the subgraphs in Router-Authorization. */
  gatewaySecret?: string | undefined;
}

/**
 * Hive Gateway: hands the caller's token on, checks nothing itself, reports to nobody. It loads
 * @graphql-mesh/transport-http by name, to speak to the subgraphs.
 */
export async function startGateway({
  supergraph,
  port,
  host = '127.0.0.1',
  gatewaySecret,
}: GatewayOptions): Promise<Gateway> {
  const runtime = createGatewayRuntime({
    supergraph,
    logging: 'error',
    // An error that no subgraph sent, such as a refused connection, is shown as it is: this is for development.
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
      // New tabs have none of their own.
      defaultHeaders: HEADERS,
    },
    // The default page loads its scripts from another host; this one carries them and is big, so it is loaded when asked for.
    renderGraphiQL: async (options) => (await import('@graphql-yoga/render-graphiql')).renderGraphiQL(options),
  });
  return serve(runtime, port, host);
}

async function serve(runtime: GatewayRuntime, port: number, host: string): Promise<Gateway> {
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
