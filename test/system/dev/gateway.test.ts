import { parse } from 'graphql';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { fetchToken } from '../../../dev/auth-service/client.ts';
import { DEMO_PASSWORD } from '../../../dev/auth-service/demo-users.ts';
import { type AuthService, startAuthService } from '../../../dev/auth-service/server.ts';
import { composeSupergraph } from '../../../dev/compose-supergraph.ts';
import { seedDemo } from '../../../dev/demo/seed.ts';
import { readExamples } from '../../../dev/gateway/examples.ts';
import { type Gateway, startGateway } from '../../../dev/gateway/server.ts';
import type { Env } from '../../support/app.ts';
import { createTestDatabase } from '../../support/database.ts';
import { type ServiceProcess, startServiceProcess } from '../../support/process.ts';
import { createEmptyDatabase } from './databases.ts';
import { execute } from './graphql.ts';

const resources: { close(): Promise<void> }[] = [];
let auth: AuthService;
let gateway: Gateway;
/** Starts the user-service in its own process: in this one, rendering the playground would trigger load shedding. */
let startUserService: (env?: Env) => Promise<ServiceProcess>;
let ada: string;
let grace: string;

beforeAll(async () => {
  const authDatabase = await createEmptyDatabase();
  const database = await createTestDatabase(inject('databaseServerUrl'), inject('databaseTemplate'));
  resources.push({ close: authDatabase.drop }, { close: database.drop });
  auth = closeLater(await startAuthService({ databaseUrl: authDatabase.url, port: 0 }));
  startUserService = async (env = {}) => closeLater(await startServiceProcess({ ...serviceEnv(database.url), ...env }));
  gateway = await startGatewayFor(await startUserService());
  await seedDemo({ authUrl: auth.url, graphqlUrl: gateway.url });
  [ada, grace] = await Promise.all([token('ada'), token('grace')]);
}, 60_000);

afterAll(async () => {
  for (const resource of resources.reverse()) await resource.close();
});

function closeLater<T extends { close(): Promise<void> }>(resource: T): T {
  resources.push(resource);
  return resource;
}

async function startGatewayFor(service: ServiceProcess, gatewaySecret?: string): Promise<Gateway> {
  const supergraph = composeSupergraph({ authUrl: auth.url, usersUrl: service.url });
  return closeLater(await startGateway({ supergraph, port: 0, gatewaySecret }));
}

const token = async (username: string) => (await fetchToken(auth.url, { username, password: DEMO_PASSWORD })) ?? '';

const serviceEnv = (databaseUrl: string): Env => ({
  HOST: '127.0.0.1',
  PORT: '0',
  NODE_ENV: 'test',
  DATABASE_URL: databaseUrl,
  AUTH_ISSUER: auth.issuer,
  AUTH_AUDIENCE: auth.audience,
  AUTH_JWKS_URL: auth.jwksUrl,
  AUTH_SERVICE_URL: auth.url,
});

describe('the gateway', () => {
  it('resolves one query from both services', async () => {
    const query = '{ me { id email statistics { totalBadges totalGoals } } learner(id: "grace") { username email } }';
    expect(await execute(gateway.url, { query, token: ada })).toEqual({
      status: 200,
      data: {
        me: { id: 'ada', email: 'ada@example.com', statistics: { totalBadges: 6, totalGoals: 4 } },
        learner: { username: 'grace', email: null },
      },
    });
  });

  it('keeps the viewers of concurrent identical queries apart', async () => {
    const tokens = Array.from({ length: 20 }, (_, at) => [ada, grace, undefined][at % 3]);
    const query = '{ me { id } viewer { id } }';
    const responses = await Promise.all(tokens.map((each) => execute(gateway.url, { query, token: each })));
    const expected = tokens.map((each) => (each ? { id: each === ada ? 'ada' : 'grace' } : null));
    expect(responses.map(({ data }) => data)).toEqual(expected.map((user) => ({ me: user, viewer: user })));
  });

  it('forwards the code and the message of a service’s error', async () => {
    const query = 'mutation { createBadge(input: { name: "", description: "d", iconUrl: "/i" }) { badge { id } } }';
    const { errors } = await execute(gateway.url, { query, token: ada });
    expect(errors?.[0]?.message).toContain('name');
    expect(errors?.[0]?.extensions).toMatchObject({ code: 'BAD_USER_INPUT', field: 'name' });
    const anonymous = await execute(gateway.url, { query });
    expect(anonymous.errors?.[0]?.extensions?.code).toBe('UNAUTHENTICATED');
  });

  it('sends its secret to a service that requires it', async () => {
    const protectedService = await startUserService({ GATEWAY_SECRET: 'between-gateway-and-services' });
    const operation = { query: '{ viewer { id } }', token: ada };
    const withSecret = await startGatewayFor(protectedService, 'between-gateway-and-services');
    expect(await execute(withSecret.url, operation)).toEqual({ status: 200, data: { viewer: { id: 'ada' } } });
    const withoutSecret = await startGatewayFor(protectedService);
    expect((await execute(withoutSecret.url, operation)).errors).toHaveLength(1);
  });

  it.each(['/health', '/health/ready'])('responds 200 at %s', async (path) => {
    expect((await fetch(gateway.url + path)).status).toBe(200);
  });
});

describe('the playground', () => {
  const read = async (path: string) => (await fetch(gateway.url + path, { headers: { accept: 'text/html' } })).text();

  it('opens in a browser at /', async () => {
    expect(await read('/')).toContain('renderYogaGraphiQL');
  });

  it('loads no resource from another host', async () => {
    const loads = /<(?:script|link|img|iframe)\b[^>]*\b(?:src|href)="(?:https?:)?\/\/[^"]*"/g;
    expect((await read('/graphql')).match(loads)).toBeNull();
  });

  it.each(readExamples().flatMap(operationsOf))('executes its example $operationName', async (example) => {
    const { status, errors } = await execute(gateway.url, { ...example, token: ada });
    expect([status, errors]).toEqual([200, undefined]);
  });
});

function operationsOf({ query }: { query: string }) {
  return parse(query).definitions.flatMap((definition) =>
    definition.kind === 'OperationDefinition' ? [{ query, operationName: definition.name?.value ?? '' }] : [],
  );
}

describe('the demo data', () => {
  it('is not created twice', async () => {
    const query =
      '{ badge(id: "1") { user { statistics { totalBadges totalGoals } } } user(id: "grace") { statistics { totalBadges totalGoals } } }';
    const before = await execute(gateway.url, { query });
    await seedDemo({ authUrl: auth.url, graphqlUrl: gateway.url });
    expect(await execute(gateway.url, { query })).toEqual(before);
  });
});
