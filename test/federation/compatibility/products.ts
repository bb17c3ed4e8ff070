import { fastifyApolloHandler } from '@as-integrations/fastify';
import type { FastifyRequest } from 'fastify';
import type { DocumentNode } from 'graphql';
import pino from 'pino';
import { AppError, internalError } from '../../../src/errors.ts';
import { buildSchema } from '../../../src/graphql/schema.ts';
import { startGraphql } from '../../../src/graphql/server.ts';
import { addGraphqlRoute } from '../../../src/http/routes/graphql.ts';
import { createHttpServer } from '../../../src/http/server.ts';
import type { RequestContext } from '../../../src/request-context.ts';

/** The data that the suite expects. */
const USER = { email: 'support@apollographql.com', name: 'Jane Smith', totalProductsCreated: 1337 };
const DEPRECATED = {
  sku: 'apollo-federation-v1',
  package: '@apollo/federation-v1',
  reason: 'Migrate to Federation V2',
  createdBy: USER,
};
const RESEARCH = [
  { study: { caseNumber: '1234', description: 'Federation Study' }, outcome: null },
  { study: { caseNumber: '1235', description: 'Studio Study' }, outcome: null },
];
const shared = { dimensions: { size: 'small', weight: 1, unit: 'kg' }, createdBy: USER, notes: null };
const PRODUCTS = [
  {
    ...shared,
    id: 'apollo-federation',
    sku: 'federation',
    package: '@apollo/federation',
    variation: { id: 'OSS' },
    research: [RESEARCH[0]],
  },
  {
    ...shared,
    id: 'apollo-studio',
    sku: 'studio',
    package: '',
    variation: { id: 'platform' },
    research: [RESEARCH[1]],
  },
];

interface ProductKey {
  id?: string;
  sku?: string;
  package?: string;
  variation?: { id: string };
}

/** Returns the product whose id, or SKU with package or variation, the key has. */
function findProduct(key: ProductKey) {
  return PRODUCTS.find(({ id, sku, package: name, variation }) => {
    if (key.id !== undefined) return id === key.id;
    return sku === key.sku && (name === key.package || variation.id === key.variation?.id);
  });
}

interface UserReference {
  email: string;
  totalProductsCreated?: number;
  yearsOfEmployment?: number;
}

const resolvers = {
  Query: {
    product: (_: unknown, { id }: { id: string }) => findProduct({ id }),
    deprecatedProduct: (_: unknown, { sku }: { sku: string }) => (sku === DEPRECATED.sku ? DEPRECATED : null),
  },
  Product: { __resolveReference: findProduct },
  DeprecatedProduct: {
    __resolveReference: ({ sku }: { sku: string }) => (sku === DEPRECATED.sku ? DEPRECATED : null),
  },
  ProductResearch: {
    __resolveReference: ({ study: { caseNumber } }: { study: { caseNumber: string } }) =>
      RESEARCH.find(({ study }) => study.caseNumber === caseNumber),
  },
  User: {
    __resolveReference: (reference: UserReference) => ({ ...USER, ...reference }),
    averageProductsCreatedPerYear: ({ totalProductsCreated = 0, yearsOfEmployment = 1 }: UserReference) =>
      Math.round(totalProductsCreated / yearsOfEmployment),
  },
  Inventory: {
    __resolveReference: ({ id }: { id: string }) => (id === 'apollo-oss' ? { id } : null),
    deprecatedProducts: () => [DEPRECATED],
  },
};

const toAppError = (error: unknown) => (error instanceof AppError ? error : internalError(error));

/** Starts the GraphQL engine and HTTP server of the service with the subgraph of the suite. */
export async function startProducts(typeDefs: DocumentNode): Promise<{ url: string; close(): Promise<void> }> {
  const schema = buildSchema([resolvers], { maxEntities: 1000, typeDefs });
  const ignore = () => undefined;
  const observers = { observeOperation: ignore, onRejected: ignore };
  const graphql = await startGraphql({ schema, introspection: true, toAppError, ...observers });
  const concurrency = { maxInFlight: 100, onRejected: ignore, onClosed: ignore };
  const http = createHttpServer({ logger: pino({ level: 'silent' }), toAppError, concurrency });
  addGraphqlRoute(http, {
    createContext: async (request, reply) =>
      ({
        viewer: null,
        log: request.log,
        requestId: request.id,
        isClosed: () => reply.sent,
        reserveBuffer: async () => ignore,
        excludeWait: <Result>(wait: () => Promise<Result>) => wait(),
        loaders: new Map(),
        budgets: new Map(),
      }) as unknown as RequestContext,
    handler: fastifyApolloHandler(graphql, { context: async ({ context }: FastifyRequest) => context }),
    gatewaySecrets: [],
    playground: false,
    playgroundSignInUrl: undefined,
    cacheMaxAgeSeconds: 0,
    toAppError,
  });
  const url = await http.listen({ host: '127.0.0.1', port: 0 });
  return {
    url: `${url}/graphql`,
    async close() {
      await http.close();
      await graphql.stop();
    },
  };
}
