import { randomBytes } from 'node:crypto';
import {
  ApolloGateway,
  type GraphQLDataSourceProcessOptions,
  IntrospectAndCompose,
  RemoteGraphQLDataSource,
} from '@apollo/gateway';
import { ApolloServer } from '@apollo/server';
import { startStandaloneServer } from '@apollo/server/standalone';
import { GraphQLError, type GraphQLFormattedError } from 'graphql';
import { inject } from 'vitest';
import { fetchToken, signUp } from '../../dev/auth-service/client.ts';
import { type AuthService, startAuthService } from '../../dev/auth-service/server.ts';
import { composeSupergraph } from '../../dev/compose-supergraph.ts';
import { type GatewayOptions, startGateway } from '../../dev/gateway/server.ts';
import { type Service, serviceEnv, startService } from '../support/app.ts';
import { administer, databaseUrl } from '../support/database.ts';
import { it as base } from '../support/fixtures.ts';
import { createHttpClient, type HttpClient } from '../support/http-client.ts';
import { findTestPort } from '../support/ports.ts';

interface Subgraphs {
  authUrl: string;
  usersUrl: string;
  /** The value that the gateway sends in Router-Authorization. */
  gatewaySecret?: string;
}

interface RunningGateway {
  url: string;
  close(): Promise<unknown>;
}

/** A user of the auth-service with a token. */
interface SignedUpUser {
  id: string;
  username: string;
  token: string;
}

/** Undefined where the planner of Hive Router, which is native code, has no build for the platform. */
const router = await import('@graphql-hive/router-runtime').catch(() => undefined);

/** Starts each gateway in front of the subgraphs. */
export const gateways: Record<string, (subgraphs: Subgraphs) => Promise<RunningGateway>> = {
  '@apollo/gateway': startApolloGateway,
  'Hive Gateway': (subgraphs) => startHiveGateway(subgraphs),
  ...(router && {
    'Hive Gateway with the planner of Hive Router': (subgraphs) =>
      startHiveGateway(subgraphs, { unifiedGraphHandler: router.unifiedGraphHandler }),
  }),
};

/** Starts Hive Gateway on a free port. */
export function startHiveGateway(subgraphs: Subgraphs, extensions: GatewayOptions['extensions'] = {}) {
  return startGateway({ ...subgraphs, supergraph: composeSupergraph(subgraphs), port: 0, extensions });
}

/** Starts a gateway that composes the SDL of the running subgraphs. */
async function startApolloGateway({ authUrl, usersUrl, gatewaySecret }: Subgraphs): Promise<RunningGateway> {
  const secret = gatewaySecret === undefined ? {} : { 'router-authorization': gatewaySecret };
  const gateway = new ApolloGateway({
    supergraphSdl: new IntrospectAndCompose({
      subgraphs: [
        { name: 'auth', url: `${authUrl}/graphql` },
        { name: 'users', url: `${usersUrl}/graphql` },
      ],
      introspectionHeaders: secret,
    }),
    buildService: ({ url = '' }) => new ForwardingDataSource({ url }, secret),
  });
  const server = new ApolloServer<GatewayContext>({ gateway, includeStacktraceInErrorResponses: false });
  const { url } = await startStandaloneServer(server, {
    listen: { host: '127.0.0.1', port: 0 },
    context: async ({ req }) => ({ authorization: req.headers.authorization }),
  });
  return { url, close: () => server.stop() };
}

interface GatewayContext {
  authorization?: string | undefined;
}

/** Forwards the Authorization header of the client and returns the errors of subgraphs, as in docs/DEPLOYMENT.md. */
class ForwardingDataSource extends RemoteGraphQLDataSource<GatewayContext> {
  readonly #headers: Record<string, string>;

  constructor(config: { url: string }, headers: Record<string, string>) {
    super(config);
    this.#headers = headers;
  }

  override willSendRequest({ request, context }: GraphQLDataSourceProcessOptions<GatewayContext>) {
    for (const [name, value] of Object.entries(this.#headers)) request.http?.headers.set(name, value);
    if (context.authorization) request.http?.headers.set('authorization', context.authorization);
  }

  override async errorFromResponse(response: Parameters<RemoteGraphQLDataSource['errorFromResponse']>[0]) {
    const body = (await this.parseBody(response)) as { errors?: GraphQLFormattedError[] };
    const [error] = body.errors ?? [];
    const message = error?.message ?? `The subgraph responded with ${response.status}`;
    return new GraphQLError(message, { extensions: error?.extensions });
  }
}

const PASSWORD = 'a long password for tests';

/**
 * `authority` is the auth-service of `npm run dev` on its own database. `subgraph` is the service that trusts it, with
 * a limit of two badges per user.
 */
export const it = base
  .extend('authority', { scope: 'file' }, async ({}, { onCleanup }) => {
    const serverUrl = inject('databaseServerUrl');
    const database = `${inject('databaseTemplate')}_auth_${randomBytes(4).toString('hex')}`;
    await administer(serverUrl, (admin) => admin`create database ${admin(database)}`);
    const authority = await startAuthService({
      databaseUrl: databaseUrl(serverUrl, database),
      port: await findTestPort(),
    });
    onCleanup(async () => {
      await authority.close();
      await administer(serverUrl, (admin) => admin`drop database ${admin(database)} with (force)`);
    });
    return authority;
  })
  .extend('subgraph', { scope: 'file' }, async ({ db, auth, authority }, { onCleanup }) => {
    const service = await startService(serviceEnv(db, auth, envFor(authority, { MAX_BADGES_PER_USER: '2' })));
    onCleanup(() => service.close());
    return service;
  })
  /** Signs up a new user and returns it with a token. */
  .extend('signUpUser', async ({ authority }) => async (): Promise<SignedUpUser> => {
    const username = `ada_${randomBytes(6).toString('hex')}`;
    const account = { username, displayName: 'Ada Lovelace', email: `${username}@example.com`, password: PASSWORD };
    const id = await signUp(authority.url, account);
    const token = await fetchToken(authority.url, { username, password: PASSWORD });
    if (id === null || token === null) throw new Error(`The auth-service did not sign up ${username}`);
    return { id, username, token };
  })
  /** Returns a client of the gateway of this name in front of `subgraph`, which runs until the end of the file. */
  .extend('sharedGateway', { scope: 'file' }, async ({ authority, subgraph }, { onCleanup }) => {
    const started = new Map<string, Promise<StartedGateway>>();
    onCleanup(async () => {
      for (const gateway of started.values()) await (await gateway).close();
    });
    return async (name: string): Promise<HttpClient> => {
      const gateway = started.get(name) ?? start(name, { authUrl: authority.url, usersUrl: subgraph.url });
      started.set(name, gateway);
      return (await gateway).client;
    };
  })
  /** Returns a client of a gateway. One before another service than `subgraph` is started for the test. */
  .extend('supergraph', async ({ authority, sharedGateway }, { onCleanup }) => {
    const started: StartedGateway[] = [];
    onCleanup(async () => {
      for (const { close } of started) await close();
    });
    return async (name: string, own?: { service: Service; gatewaySecret?: string }): Promise<HttpClient> => {
      if (own === undefined) return sharedGateway(name);
      const { service, ...secret } = own;
      const gateway = await start(name, { authUrl: authority.url, usersUrl: service.url, ...secret });
      started.push(gateway);
      return gateway.client;
    };
  });

interface StartedGateway {
  client: HttpClient;
  close(): Promise<void>;
}

async function start(name: string, subgraphs: Subgraphs): Promise<StartedGateway> {
  const gateway = await (gateways[name] as (typeof gateways)[string])(subgraphs);
  const client = createHttpClient(gateway.url);
  return {
    client,
    async close() {
      client.disconnect();
      await gateway.close();
    },
  };
}

/** Returns the environment of a service that trusts this auth-service. */
export function envFor(authority: AuthService, env: Record<string, string> = {}) {
  return {
    AUTH_ISSUER: authority.issuer,
    AUTH_AUDIENCE: authority.audience,
    AUTH_JWKS_URL: authority.jwksUrl,
    AUTH_SERVICE_URL: authority.url,
    ...env,
  };
}
