import {
  buildClientSchema,
  type GraphQLObjectType,
  getIntrospectionQuery,
  type IntrospectionQuery,
  parse,
  TypeInfo,
  visit,
  visitWithTypeInfo,
} from 'graphql';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { fetchToken } from '../../../dev/auth-service/client.ts';
import { DEMO_PASSWORD } from '../../../dev/auth-service/demo-users.ts';
import { type AuthService, startAuthService } from '../../../dev/auth-service/server.ts';
import { composeSupergraph } from '../../../dev/compose-supergraph.ts';
import { seedDemo } from '../../../dev/demo/seed.ts';
import { EXAMPLES } from '../../../dev/gateway/pages.ts';
import { type Gateway, startGateway } from '../../../dev/gateway/server.ts';
import { type Example, readExamples } from '../../../src/http/pages/examples.ts';
import type { Env } from '../../support/app.ts';
import { createTestDatabase } from '../../support/database.ts';
import type { Json } from '../../support/json.ts';
import { findTestPort } from '../../support/ports.ts';
import { type ServiceProcess, startServiceProcess } from '../../support/process.ts';
import { createEmptyDatabase } from './databases.ts';
import { execute } from './graphql.ts';

const resources: { close(): Promise<void> }[] = [];
let auth: AuthService;
let gateway: Gateway;
let service: ServiceProcess;
/** Starts the user-service in its own process: in this one, rendering the playground would trigger load shedding. */
let startUserService: (env?: Env) => Promise<ServiceProcess>;
let ada: string;
let grace: string;
let platform: string;

beforeAll(async () => {
  const authDatabase = await createEmptyDatabase();
  const database = await createTestDatabase(inject('databaseServerUrl'), inject('databaseTemplate'));
  resources.push({ close: authDatabase.drop }, { close: database.drop });
  auth = closeLater(await startAuthService({ databaseUrl: authDatabase.url, port: await findTestPort() }));
  startUserService = async (env = {}) => closeLater(await startServiceProcess({ ...serviceEnv(database.url), ...env }));
  service = await startUserService();
  gateway = await startGatewayFor(service);
  await seedDemo({ authUrl: auth.url, graphqlUrl: gateway.url });
  [ada, grace, platform] = await Promise.all([token('ada'), token('grace'), token('platform')]);
}, 180_000);

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

const TRACKER = `{ viewer {
  streak { current longest totalDays status }
  timeZone
  goals { title streakCount streak { unit current status } progress { quantity target ratio neededPerDay } isOverdue }
  excusedDates { from to reason }
  activities(first: 500) { nodes { eventId verb localDate } }
} }`;
const BADGES = `{ viewer {
  statistics { totalBadges totalGoals }
  badges { name source dateAchieved definition { key } evidence { replay activities { id } } }
  badgeProgress { definition { key } current target ratio badge { id } }
} }`;

describe('the demo data', () => {
  const read = async (query: string, token: string): Promise<Json> => {
    const { data, errors } = await execute(gateway.url, { query, token });
    expect(errors).toBeUndefined();
    return data?.viewer;
  };

  it('show a running streak and one at risk, excused dates, a half-reached target and an overdue goal', async () => {
    const { streak, goals, excusedDates } = await read(TRACKER, ada);
    expect([streak.status, streak.current > 20, excusedDates.length]).toEqual(['ACTIVE', true, 2]);
    const goalOf = (title: string) => goals.find((goal: Json) => goal.title === title);
    const { isOverdue, progress } = goalOf('Learn GraphQL federation');
    const { ratio, quantity, target, neededPerDay } = progress;
    expect([ratio > 0.4, ratio < 0.6, isOverdue]).toEqual([true, true, false]);
    expect(neededPerDay).toBeOneOf([31, 32].map((days) => Math.ceil((target - quantity) / days)));
    expect(goalOf('Practise the harp').streak).toMatchObject({ unit: 'WEEK', current: expect.any(Number) });
    const ofGrace = await read(TRACKER, grace);
    expect(ofGrace.streak).toMatchObject({ status: 'AT_RISK', current: 12 });
    expect(ofGrace.goals.filter((goal: Json) => goal.isOverdue)).toMatchObject([{ title: 'Finish the COBOL course' }]);
  });

  it('show badges that were earned, with evidence, and one that was awarded by hand', async () => {
    const { badges } = await read(BADGES, ada);
    const keys = badges.flatMap(({ definition }: Json) => definition?.key ?? []);
    expect(new Set(keys)).toEqual(new Set(['first-lesson', 'seven-days', 'hour-of-practice', 'all-rounder']));
    const replays = badges.flatMap(({ evidence }: Json) => evidence?.replay ?? []);
    expect(new Set(replays)).toEqual(new Set(['REPRODUCED']));
    const byHand = { name: 'Mentor', source: 'ISSUER', evidence: null };
    expect((await read(BADGES, grace)).badges).toContainEqual(expect.objectContaining(byHand));
  });

  it('are not created twice', async () => {
    const readAll = () => Promise.all([ada, grace].flatMap((token) => [read(TRACKER, token), read(BADGES, token)]));
    const before = await readAll();
    await seedDemo({ authUrl: auth.url, graphqlUrl: gateway.url });
    expect(await readAll()).toEqual(before);
  });
});

describe('the gateway', () => {
  it('resolves one query from both services', async () => {
    const query = '{ me { id email statistics { totalGoals } } learner(id: "grace") { username email } }';
    expect(await execute(gateway.url, { query, token: ada })).toEqual({
      status: 200,
      data: {
        me: { id: 'ada', email: 'ada@example.com', statistics: { totalGoals: 4 } },
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
    const [withSecret, withoutSecret] = await Promise.all([
      startGatewayFor(protectedService, 'between-gateway-and-services'),
      startGatewayFor(protectedService),
    ]);
    // The first requests of a process may get 503 on a slow machine.
    const viewer = { status: 200, data: { viewer: { id: 'ada' } } };
    await expect.poll(() => execute(withSecret.url, operation)).toEqual(viewer);
    expect((await execute(withoutSecret.url, operation)).errors).toHaveLength(1);
  });

  it.each(['/health', '/health/ready'])('responds 200 at %s', async (path) => {
    expect((await fetch(gateway.url + path)).status).toBe(200);
  });
});

describe('the pages of the gateway', () => {
  const browser = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' };
  const read = async (path: string, headers: Record<string, string>) =>
    fetch(gateway.url + path, { headers, redirect: 'manual' });

  it('lead a browser from / to the playground, also with a query in the address', async () => {
    const home = await (await read('/', browser)).text();
    const [, link = ''] = /href="(\/graphql\?[^"]*)"/.exec(home) ?? [];
    for (const path of ['/graphql', link]) expect(await (await read(path, browser)).text()).toContain('YogaGraphiQL');
  });

  it('link only addresses that have content', async () => {
    const home = await (await read('/', browser)).text();
    const links = Array.from(home.matchAll(/href="(\/[^"]*)"/g), ([, link = '']) => link.replaceAll('&amp;', '&'));
    expect(links.length).toBeGreaterThan(0);
    for (const link of links) expect((await (await read(link, browser)).text()).length, link).toBeGreaterThan(0);
  });

  it('are not sent to other clients: / redirects them, and they send operations by GET', async () => {
    const { status, headers } = await read('/', {});
    expect([status, headers.get('location')]).toEqual([302, '/graphql']);
    const response = await read('/graphql?query={__typename}', { accept: 'application/json' });
    expect(await response.json()).toEqual({ data: { __typename: 'Query' } });
  });

  it('load no resource from another host', async () => {
    const loads = /<(?:script|link|img|iframe)\b[^>]*\b(?:src|href)="(?:https?:)?\/\/[^"]*"/g;
    for (const path of ['/', '/graphql']) expect((await (await read(path, browser)).text()).match(loads)).toBeNull();
  });
});

describe('a page of another origin', () => {
  const origin = 'http://localhost:5173';
  const allowedBy = async ({ url }: Gateway) => {
    const headers = { origin, 'access-control-request-method': 'POST' };
    const response = await fetch(`${url}/graphql`, { method: 'OPTIONS', headers });
    return response.headers.get('access-control-allow-origin');
  };

  it('may call the gateway only if CORS_ORIGINS lists the origin', async () => {
    const supergraph = composeSupergraph({ authUrl: auth.url, usersUrl: service.url });
    const start = async (corsOrigins: string[]) => closeLater(await startGateway({ supergraph, port: 0, corsOrigins }));
    const [open, other] = await Promise.all([
      start([origin, 'https://app.example.org']),
      start(['https://app.example.org']),
    ]);
    expect(await Promise.all([open, other, gateway].map(allowedBy))).toEqual([origin, null, null]);
  });
});

/** The examples run in their order, on the data of the demo: ids of earlier responses are in later variables. */
describe.each([
  ['gateway', EXAMPLES, () => gateway.url],
  ['user-service', readExamples(), () => service.url],
] as const)('an example of the %s', (_name, examples, url) => {
  const tokenOf = ({ user }: ExampleOperation) => (user === undefined ? undefined : { ada, grace, platform }[user]);

  it.each(examples.flatMap(operationsOf))('executes, for the user that it names: $operationName', async (example) => {
    const { status, data, errors } = await execute(url(), { ...example, token: tokenOf(example) });
    expect([status, errors]).toEqual([200, undefined]);
    expect(Object.values(data ?? {})).not.toContain(null);
  });

  it.each(examples.flatMap(operationsOf).filter(isMutation))('asks for a token: $operationName', async (example) => {
    const { errors } = await execute(url(), { ...example, token: undefined });
    expect(errors?.[0]?.extensions?.code).toBe('UNAUTHENTICATED');
  });
});

describe('an example with an idempotencyKey', () => {
  it.each(['CreateBadge', 'CreateGoal'])('creates nothing when it runs again: %s', async (name) => {
    const example = readExamples()
      .flatMap(operationsOf)
      .find(({ operationName }) => operationName === name) as ExampleOperation;
    const run = () => execute(service.url, { ...example, token: ada });
    const first = await run();
    expect(first.errors).toBeUndefined();
    expect(await run()).toEqual(first);
  });
});

describe('the examples of the user-service', () => {
  it('use every field of queries, mutations and users', async () => {
    const used = new Set<string>();
    const { data } = await execute(service.url, { query: getIntrospectionQuery() });
    const schema = buildClientSchema(data as unknown as IntrospectionQuery);
    const types = new TypeInfo(schema);
    for (const { query } of readExamples()) {
      const Field = () => void used.add(`${types.getParentType()?.name}.${types.getFieldDef()?.name}`);
      visit(parse(query), visitWithTypeInfo(types, { Field }));
    }
    const all = ['Query', 'Mutation', 'User'].flatMap((type) =>
      Object.keys((schema.getType(type) as GraphQLObjectType).getFields()).map((field) => `${type}.${field}`),
    );
    expect(all.filter((field) => !used.has(field))).toEqual([]);
  });

  it('have a first line that fits into a phone, and begin with a named operation', () => {
    for (const { query } of [...readExamples(), ...EXAMPLES]) {
      const [first = '', ...others] = query.split('\n');
      expect(first).toMatch(/^# .{1,48}$/);
      expect(others.join('\n')).toMatch(/^(#.*\n)*(query|mutation) \w+/);
    }
  });
});

interface ExampleOperation {
  query: string;
  operationName: string;
  variables: Record<string, unknown>;
  /** The user of the first line. */
  user: 'ada' | 'grace' | 'platform' | undefined;
}

function isMutation({ query, operationName }: ExampleOperation): boolean {
  return query.includes(`mutation ${operationName}(`);
}

function operationsOf({ query, variables = '{}' }: Example): ExampleOperation[] {
  const names = parse(query).definitions.flatMap((definition) =>
    definition.kind === 'OperationDefinition' ? [definition.name?.value ?? ''] : [],
  );
  const [, user] = /^# Sign in as (ada|grace|platform)\b/.exec(query) ?? [];
  return names.map((operationName) => ({
    query,
    operationName,
    variables: JSON.parse(variables),
    user: user as ExampleOperation['user'],
  }));
}
