import { parse } from 'graphql';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { tokenFor } from '../../../dev/auth-service/accounts.ts';
import { DEMO_PASSWORD } from '../../../dev/auth-service/demo-people.ts';
import { type AuthService, startAuthService } from '../../../dev/auth-service/server.ts';
import { composeSupergraph } from '../../../dev/compose.ts';
import { seedDemo } from '../../../dev/demo.ts';
import { readExamples } from '../../../dev/gateway/examples.ts';
import { type Gateway, startGateway } from '../../../dev/gateway.ts';
import type { Env } from '../../support/app.ts';
import { createTestDatabase } from '../../support/database.ts';
import { type ServiceProcess, startServiceProcess } from '../../support/process.ts';
import { ask } from './ask.ts';
import { emptyDatabase } from './databases.ts';

const running: { close(): Promise<void> }[] = [];
let auth: AuthService;
let gateway: Gateway;
/** Starts a service in a process of its own: one that shares ours turns requests away while a page is rendered. */
let users: (env?: Env) => Promise<ServiceProcess>;
let ada: string;
let grace: string;

beforeAll(async () => {
  const own = await emptyDatabase();
  const database = await createTestDatabase(inject('databaseServerUrl'), inject('databaseTemplate'));
  running.push({ close: own.drop }, { close: database.drop });
  auth = keep(await startAuthService({ databaseUrl: own.url, port: 0 }));
  users = async (env = {}) => keep(await startServiceProcess({ ...serviceEnv(database.url), ...env }));
  gateway = await gatewayTo(await users());
  await seedDemo({ authUrl: auth.url, graphqlUrl: gateway.url });
  [ada, grace] = await Promise.all([token('ada'), token('grace')]);
}, 60_000);

afterAll(async () => {
  for (const part of running.reverse()) await part.close();
});

function keep<T extends { close(): Promise<void> }>(part: T): T {
  running.push(part);
  return part;
}

async function gatewayTo(service: ServiceProcess, gatewaySecret?: string): Promise<Gateway> {
  const supergraph = composeSupergraph({ authUrl: auth.url, usersUrl: service.url });
  return keep(await startGateway({ supergraph, port: 0, gatewaySecret }));
}

const token = async (username: string) => (await tokenFor(auth.url, { username, password: DEMO_PASSWORD })) ?? '';

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
  it('answers one question from both services', async () => {
    const query = '{ me { id email statistics { totalBadges totalGoals } } learner(id: "grace") { username email } }';
    expect(await ask(gateway.url, { query, token: ada })).toEqual({
      status: 200,
      data: {
        me: { id: 'ada', email: 'ada@example.com', statistics: { totalBadges: 6, totalGoals: 4 } },
        learner: { username: 'grace', email: null },
      },
    });
  });

  it('tells apart people who ask the same thing at the same time', async () => {
    const callers = Array.from({ length: 20 }, (_, at) => [ada, grace, undefined][at % 3]);
    const query = '{ me { id } viewer { id } }';
    const answers = await Promise.all(callers.map((caller) => ask(gateway.url, { query, token: caller })));
    const expected = callers.map((caller) => (caller ? { id: caller === ada ? 'ada' : 'grace' } : null));
    expect(answers.map(({ data }) => data)).toEqual(expected.map((person) => ({ me: person, viewer: person })));
  });

  it('hands a service’s refusal on, code and message', async () => {
    const query = 'mutation { createBadge(input: { name: "", description: "d", iconUrl: "/i" }) { badge { id } } }';
    const { errors } = await ask(gateway.url, { query, token: ada });
    expect(errors?.[0]?.message).toContain('name');
    expect(errors?.[0]?.extensions).toMatchObject({ code: 'BAD_USER_INPUT', field: 'name' });
    const anonymous = await ask(gateway.url, { query });
    expect(anonymous.errors?.[0]?.extensions?.code).toBe('UNAUTHENTICATED');
  });

  it('sends its secret to services that want one', async () => {
    const guarded = await users({ GATEWAY_SECRET: 'between-gateway-and-services' });
    const question = { query: '{ viewer { id } }', token: ada };
    const trusted = await gatewayTo(guarded, 'between-gateway-and-services');
    expect(await ask(trusted.url, question)).toEqual({ status: 200, data: { viewer: { id: 'ada' } } });
    const stranger = await gatewayTo(guarded);
    expect((await ask(stranger.url, question)).errors).toHaveLength(1);
  });

  it.each(['/health', '/health/ready'])('says at %s that it is well', async (path) => {
    expect((await fetch(gateway.url + path)).status).toBe(200);
  });
});

describe('the playground', () => {
  const read = async (path: string) => (await fetch(gateway.url + path, { headers: { accept: 'text/html' } })).text();

  it('is what a browser gets, from / too', async () => {
    expect(await read('/')).toContain('renderYogaGraphiQL');
  });

  it('loads nothing from anywhere else', async () => {
    const loads = /<(?:script|link|img|iframe)\b[^>]*\b(?:src|href)="(?:https?:)?\/\/[^"]*"/g;
    expect((await read('/graphql')).match(loads)).toBeNull();
  });

  it.each(readExamples().flatMap(operations))('runs its example $operationName', async (example) => {
    const { status, errors } = await ask(gateway.url, { ...example, token: ada });
    expect([status, errors]).toEqual([200, undefined]);
  });
});

function operations({ query }: { query: string }) {
  return parse(query).definitions.flatMap((definition) =>
    definition.kind === 'OperationDefinition' ? [{ query, operationName: definition.name?.value ?? '' }] : [],
  );
}

describe('the demo data', () => {
  it('is not given twice', async () => {
    const query =
      '{ badge(id: "1") { user { statistics { totalBadges totalGoals } } } user(id: "grace") { statistics { totalBadges totalGoals } } }';
    const before = await ask(gateway.url, { query });
    await seedDemo({ authUrl: auth.url, graphqlUrl: gateway.url });
    expect(await ask(gateway.url, { query })).toEqual(before);
  });
});
