import { randomBytes } from 'node:crypto';
import {
  ApolloGateway,
  type GraphQLDataSourceProcessOptions,
  IntrospectAndCompose,
  RemoteGraphQLDataSource,
} from '@apollo/gateway';
import { ApolloServer } from '@apollo/server';
import { startStandaloneServer } from '@apollo/server/standalone';
import { inject } from 'vitest';
import { fetchToken, signUp } from '../../dev/auth-service/client.ts';
import { type AuthService, startAuthService } from '../../dev/auth-service/server.ts';
import { composeSupergraph } from '../../dev/compose-supergraph.ts';
import { startGateway } from '../../dev/gateway/server.ts';
import { type Service, serviceEnv, startService } from '../support/app.ts';
import { administer, databaseUrl } from '../support/database.ts';
import { it as base } from '../support/fixtures.ts';
import { createHttpClient, type HttpClient } from '../support/http-client.ts';

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
export interface SignedUpUser {
  id: string;
  username: string;
  token: string;
}

/** Starts each gateway in front of the subgraphs. */
export const gateways: Record<string, (subgraphs: Subgraphs) => Promise<RunningGateway>> = {
  '@apollo/gateway': startApolloGateway,
  'Hive Gateway': (subgraphs) => startGateway({ ...subgraphs, supergraph: composeSupergraph(subgraphs), port: 0 }),
};

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

/** Forwards the Authorization header of the client, as docs/ requires of every gateway. */
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
}

const PASSWORD = 'a long password for tests';

/**
 * `authority` is the auth-service of `npm run dev` on its own database. `subgraph` is the service that trusts it, with a
 * limit of two badges per user.
 */
export const it = base
  .extend('authority', { scope: 'file' }, async ({}, { onCleanup }) => {
    const serverUrl = inject('databaseServerUrl');
    const database = `${inject('databaseTemplate')}_auth_${randomBytes(4).toString('hex')}`;
    await administer(serverUrl, (admin) => admin`create database ${admin(database)}`);
    const authority = await startAuthService({ databaseUrl: databaseUrl(serverUrl, database), port: 0 });
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
  /** Starts a gateway for the test and returns a client of it. */
  .extend('supergraph', async ({ authority, subgraph }, { onCleanup }) => {
    const running: (() => Promise<unknown>)[] = [];
    onCleanup(async () => {
      for (const close of running) await close();
    });
    return async (name: string, { service = subgraph as Service, gatewaySecret = '' } = {}): Promise<HttpClient> => {
      const start = gateways[name] as (typeof gateways)[string];
      const gateway = await start({
        authUrl: authority.url,
        usersUrl: service.url,
        ...(gatewaySecret !== '' && { gatewaySecret }),
      });
      const client = createHttpClient(gateway.url);
      running.push(async () => {
        client.disconnect();
        await gateway.close();
      });
      return client;
    };
  });

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
