import { spawnSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { migrate } from '../../src/db/migrations.ts';
import { slow } from '../support/faults.ts';
import { badgeInput, describe, expect, goalBody, it } from '../support/fixtures.ts';
import { untilInFlight } from '../support/in-flight.ts';
import { emptyDatabase } from '../support/migrations.ts';
import { createHeldInserts, heldBody, untilHeld, whileHeld } from '../system/process/held-inserts.ts';
import { callInEachWay, operationsOf } from './documented-operations.ts';
import { type Labels, type Series, scrape, seriesIn, sumOf } from './exposition.ts';

const CREATE = 'mutation Create($input: CreateBadgeInput!) { createBadge(input: $input) { badge { id } } }';
const REQUESTS = 'http_server_request_duration_seconds';
const promtool = spawnSync('promtool', ['--version']).error === undefined;

/** Returns the value of a series without a suffix, for a metric of the table in docs/DEPLOYMENT.md. */
const familyOf = ({ name }: Series, text: string) =>
  text.includes(`# TYPE ${name} `) ? name : name.replace(/_(?:bucket|sum|count)$/, '');

const isReadiness = ({ name }: Series) => name === 'user_service_ready';

describe('errors', () => {
  it('of GraphQL operations are counted by their code, although the status is 200', async ({
    serve,
    auth,
    createUser,
  }) => {
    const { id } = await createUser();
    const service = await serve();
    auth.fail('graphql', 500);
    const query = 'query Learner($id: ID!) { learner(id: $id) { id } }';
    for (let i = 0; i < 3; i++) await service.graphql(query, { id });
    await service.graphql('{ nonsense }');
    await service.graphql('query ($id: ID!) { goal(id: $id) { id } }', {});
    const series = await scrape(service);
    const errors = (error_type: string) => sumOf(series, 'api_errors_total', { api: 'graphql', error_type });
    expect(errors('GRAPHQL_VALIDATION_FAILED')).toBeGreaterThan(0);
    expect(errors('AUTH_SERVICE_UNAVAILABLE')).toBe(3);
    expect(errors('BAD_USER_INPUT')).toBe(1);
    expect(sumOf(series, 'graphql_operations_total', { error_type: undefined })).toBe(0);
    expect(sumOf(series, 'graphql_operations_total')).toBe(5);
  });

  it('of REST are counted by their code', async ({ serve }) => {
    const service = await serve();
    await service.rest('/users/me');
    await service.rest('/nothing');
    await service.rest('/users/ada/badges?first=x');
    const series = await scrape(service);
    const errors = (error_type: string) => sumOf(series, 'api_errors_total', { api: 'rest', error_type });
    expect([errors('UNAUTHENTICATED'), errors('NOT_FOUND')]).toEqual([1, 1]);
  });

  it('of requests that are rejected before there is an operation are counted', async ({ serve }) => {
    const service = await serve();
    await service.rest('/graphql', { body: '{', headers: { 'content-type': 'application/json' } });
    await service.rest('/graphql', { body: {} });
    await service.graphql('{ viewer { id } }', {}, { token: 'invalid' });
    const series = await scrape(service);
    const errors = (error_type: string) => sumOf(series, 'api_errors_total', { api: 'graphql', error_type });
    expect([errors('BAD_REQUEST'), errors('UNAUTHENTICATED')]).toEqual([2, 1]);
  });
});

describe('operations', () => {
  it('are counted by type and executor, and measured by type', async ({ serve, createUser }) => {
    const { token } = await createUser();
    const service = await serve();
    for (let i = 0; i < 5; i++) await service.graphql('query Me { viewer { id } }', {}, { token });
    await service.graphql(CREATE, { input: badgeInput() }, { token });
    const series = await scrape(service);
    const count = (graphql_operation_type: string, executor: string) =>
      sumOf(series, 'graphql_operations_total', { graphql_operation_type, executor });
    expect(count('query', 'compiled')).toBe(3);
    expect(count('query', 'graphql-js')).toBe(2);
    expect(count('mutation', 'graphql-js')).toBe(1);
    expect(sumOf(series, 'graphql_operation_duration_seconds_count', { graphql_operation_type: 'query' })).toBe(5);
  });
});

describe('the pool', () => {
  it('reports its connections, and the queries that wait for one', { timeout: 60_000 }, async ({
    serve,
    db,
    createUser,
  }) => {
    const users = await Promise.all(Array.from({ length: 6 }, () => createUser()));
    const service = await serve({ DATABASE_POOL_SIZE: '2' });
    await createHeldInserts(db.sql);
    await service.rest('/users/ada/badges');
    const state = (series: Series[]) => ({
      used: sumOf(series, 'db_client_connections', { db_client_connection_state: 'used' }),
      waiting: sumOf(series, 'db_client_connection_pending_requests'),
    });
    // Periodic work may use a connection just after the start.
    await expect.poll(async () => state(await scrape(service))).toEqual({ used: 0, waiting: 0 });
    const idle = await scrape(service);
    expect(sumOf(idle, 'db_client_connections')).toBeGreaterThan(0);
    expect(sumOf(idle, 'db_client_connection_max')).toBe(2);

    // Requests wait at most 0.5 s for a connection. Only one scrape fits in this time: its ping waits for one too.
    const stateWhileBusy = async () => {
      const [busy, creates] = await whileHeld(db.sql, async () => {
        const started = users.map(({ id, token }) => service.rest(`/users/${id}/badges`, { token, body: heldBody() }));
        await untilInFlight(service, users.length);
        await untilHeld(db.sql, 2);
        return [await scrape(service), started] as const;
      });
      await Promise.all(creates);
      return { ...state(busy), active: sumOf(busy, 'http_server_active_requests') };
    };
    // The scrape is one of the active requests.
    await expect.poll(stateWhileBusy, { timeout: 20_000 }).toEqual({ used: 2, waiting: 4, active: 7 });
    expect(sumOf(await scrape(service), 'db_client_operation_duration_seconds_count')).toBeGreaterThan(5);
  });
});

describe('readiness', () => {
  it('is checked by the scrape itself, without probes', async ({ serve, onTestFinished }) => {
    const empty = await emptyDatabase(onTestFinished);
    const service = await serve({ DATABASE_URL: empty.url });
    const ready = async () => seriesIn((await service.rest('/metrics')).text).find(isReadiness)?.value;
    const warnings = () => service.logs.filter(({ msg }) => msg === 'the database is not migrated');
    // On a busy machine, the first ping of the database exceeds its time limit, which has another reason.
    await expect
      .poll(async () => ({ ready: await ready(), warnings: warnings().length }))
      .toEqual({ ready: 0, warnings: 1 });
    expect(await ready()).toBe(0);
    expect(warnings()).toHaveLength(1);
    await migrate(empty.url);
    await expect.poll(ready).toBe(1);
    service.app.drain();
    expect(await ready()).toBe(0);
  });
});

describe('failed queries', () => {
  it('are counted by SQLSTATE', async ({ serve, db, createUser }) => {
    const { token } = await createUser();
    const service = await serve();
    await db.sql`
      create function fail_badges() returns trigger language plpgsql as
      $$ begin raise exception 'x' using errcode = 'XX000'; end $$`;
    await db.sql`create trigger fail_badges before insert on badges for each row execute function fail_badges()`;
    const { errors } = await service.graphql(CREATE, { input: badgeInput() }, { token });
    await db.sql`drop function fail_badges cascade`;
    expect(errors?.[0].extensions.code).toBe('INTERNAL');
    const series = await scrape(service);
    expect(sumOf(series, 'db_client_errors_total', { error_type: 'XX000' })).toBe(1);
    expect(sumOf(series, 'api_errors_total', { api: 'graphql', error_type: 'INTERNAL' })).toBe(1);
  });
});

describe('calls to the auth-service', () => {
  it('are measured by kind of failure, with the state of the circuit breaker', async ({ serve, auth }) => {
    const service = await serve();
    expect((await service.rest('/users/unknown-1')).status).toBe(404);
    auth.fail('graphql', 500);
    for (let i = 0; i < 25; i++) await service.rest(`/users/unknown-of-metrics-${i}`);
    const series = await scrape(service);
    const calls = (error_type: string | undefined) =>
      sumOf(series, 'http_client_request_duration_seconds_count', { peer_service: 'auth-service', error_type });
    const failed = (error_type: string) => sumOf(series, 'auth_service_lookup_failures_total', { error_type });
    const state = (name: string) => sumOf(series, 'auth_service_circuit_state', { state: name });
    expect([calls(undefined), failed('500')]).toEqual([1, calls('500')]);
    expect(failed('circuit_open')).toBe(25 - failed('500'));
    expect([state('open'), state('closed'), state('half-open')]).toEqual([1, 0, 0]);
    expect(sumOf(series, 'auth_service_circuit_transitions_total', { state: 'open' })).toBe(1);
  });

  it('that take too long are timeouts', async ({ serve, auth }) => {
    const service = await serve();
    auth.fail('graphql', slow(1500));
    await service.rest('/users/unknown-and-slow');
    const timeoutsIn = async (name: string) => sumOf(await scrape(service), name, { error_type: 'timeout' });
    await expect.poll(() => timeoutsIn('http_client_request_duration_seconds_count')).toBeGreaterThanOrEqual(1);
    expect(await timeoutsIn('auth_service_lookup_failures_total')).toBe(1);
  });
});

describe('writes', () => {
  it('are counted by kind, replays not', async ({ serve, createUser }) => {
    const { id, token } = await createUser();
    const service = await serve();
    const input = { ...badgeInput(), idempotencyKey: 'once' };
    for (let i = 0; i < 3; i++) await service.graphql(CREATE, { input }, { token });
    const { body: goal } = await service.rest(`/users/${id}/goals`, { token, body: goalBody() });
    const path = `/users/${id}/goals/${goal.id}`;
    await service.rest(path, { method: 'PUT', token, body: { status: 'paused' } });
    await service.rest(path, { method: 'PUT', token, body: { status: 'paused' } });
    await service.rest(path, { method: 'DELETE', token });
    for (let i = 0; i < 2; i++) {
      await service.rest(`/users/${id}/activities`, { token, body: { event_id: 'one', verb: 'check-in' } });
    }
    const series = await scrape(service);
    const writes = (kind: string) => sumOf(series, 'user_service_writes_total', { kind });
    const kinds = ['badge_created', 'goal_created', 'goal_updated', 'goal_deleted', 'activity_recorded'];
    expect(kinds.map(writes)).toEqual([1, 1, 1, 1, 1]);
  });
});

describe('/metrics', () => {
  it('exports exactly the metrics that docs/DEPLOYMENT.md lists, with their labels', async ({ serve, createUser }) => {
    const { id, token } = await createUser();
    const service = await serve();
    await service.rest(`/users/${id}`);
    await service.graphql('query Named { viewer { id } }', {}, { token });
    await service.graphql('{ nonsense }');
    const { text } = await service.rest('/metrics');
    const exported = new Map(
      Array.from(text.matchAll(/^# TYPE (\w+) (\w+)$/gm), ([, name = '', type]) => [name, type]),
    );
    const documented = await documentedMetrics();
    expect([...documented.keys()].sort()).toEqual([...exported.keys()].sort());
    for (const [name, { type }] of documented) expect.soft(type, name).toBe(exported.get(name));
    for (const series of seriesIn(text)) {
      const { le: _, ...labels }: Labels = series.labels;
      const name = familyOf(series, text);
      const known = documented.get(name)?.labels ?? [];
      expect
        .soft(
          Object.keys(labels).filter((label) => !known.includes(label)),
          name,
        )
        .toEqual([]);
    }
  });

  it('names the method of a request if its route has it, and otherwise _OTHER', async ({ serve }) => {
    const service = await serve();
    for (const method of ['GET', 'OPTIONS', 'TRACE', 'PATCH', 'PURGE', 'MKCOL']) {
      for (const path of ['/users/ada/goals', '/unknown']) {
        await service.raw(`${method} ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
      }
    }
    const methodsOf = async (route: string) => {
      const series = (await scrape(service)).filter(({ labels }) => labels.http_route === route);
      return [...new Set(series.map(({ labels }) => labels.http_request_method))].sort();
    };
    expect(await methodsOf('/users/:auth_user_id/goals')).toEqual(['GET', 'OPTIONS', '_OTHER']);
    expect(await methodsOf('none')).toEqual(['GET', 'OPTIONS', 'PATCH', 'TRACE', '_OTHER']);
  });

  it('counts requests that are rejected before routing, without a route', async ({ serve }) => {
    const service = await serve();
    for (const path of ['/users/%', '/users/%/badges', `/users/${'x'.repeat(501)}`]) await service.rest(path);
    const series = await scrape(service);
    const countOf = (status: string) =>
      sumOf(series, 'http_server_request_duration_seconds_count', {
        http_request_method: 'GET',
        http_route: 'none',
        http_response_status_code: status,
      });
    expect([countOf('400'), countOf('414')]).toEqual([2, 1]);
    expect(sumOf(series, 'api_errors_total', { api: 'rest', error_type: 'BAD_REQUEST' })).toBe(3);
  });

  it('names the version of the service', async ({ service }) => {
    const { version } = JSON.parse(await readFile('package.json', 'utf8')) as { version: string };
    expect(sumOf(await scrape(service), 'build_info', { version })).toBe(1);
  });

  it('stays below 500 kB, with every name and every documented status in use', { timeout: 60_000 }, async ({
    serve,
    createUser,
  }) => {
    const user = await createUser();
    const service = await serve();
    const operations = await operationsOf(service);
    for (const operation of operations) await callInEachWay(service, operation, user);
    for (let i = 0; i < 60; i++) {
      for (let use = 0; use < 10; use++)
        await service.graphql(`query N${i}_${'x'.repeat(90)} { __typename }`, {}, user);
    }
    const { text } = await service.rest('/metrics');
    const inUse = new Set(
      seriesIn(text)
        .filter(({ name }) => name === `${REQUESTS}_count`)
        .map(statusOf),
    );
    expect(operations.filter(({ statuses }) => !statuses.some((status) => inUse.has(status)))).toEqual([]);
    // The statuses that no call gets, such as those of failures, have series of the same size.
    const unused = operations.flatMap(({ statuses }) => statuses.filter((status) => !inUse.has(status)));
    expect(text.length + unused.length * sizeOfRequests(text)).toBeLessThan(500_000);
  });

  it.skipIf(!promtool)('has no problems that promtool reports', async ({ serve, createUser }) => {
    const { id, token } = await createUser();
    const service = await serve();
    await service.rest(`/users/${id}`);
    await service.graphql('query Named { viewer { id } }', {}, { token });
    await service.graphql('{ nonsense }');
    const { text } = await service.rest('/metrics');
    const { status, stdout, stderr } = spawnSync('promtool', ['check', 'metrics'], { input: text, encoding: 'utf8' });
    expect({ status, problems: `${stdout}${stderr}` }).toEqual({ status: 0, problems: '' });
  });
});

const statusOf = ({ labels }: Series) =>
  `${labels.http_request_method} ${labels.http_route} ${labels.http_response_status_code}`;

/** Returns the size of the largest series of request durations. */
function sizeOfRequests(text: string): number {
  const lines = text.split('\n').filter((line) => line.startsWith(`${REQUESTS}_`));
  const buckets = new Set(seriesIn(text).map(({ labels }) => labels.le)).size;
  return Math.max(...lines.map(({ length }) => length + 1)) * (buckets + 2);
}

/** Returns the metrics of the table in docs/DEPLOYMENT.md, by name. */
async function documentedMetrics(): Promise<Map<string, { type: string; labels: string[] }>> {
  const text = await readFile('docs/DEPLOYMENT.md', 'utf8');
  const rows = text.matchAll(/^\| ((?:`\w+`(?:, )?)+) \| (counter|gauge|histogram) \|([^|]*)\|/gm);
  const metrics = new Map<string, { type: string; labels: string[] }>();
  for (const [, names = '', type = '', labels = ''] of rows) {
    const words = (cell: string) => Array.from(cell.matchAll(/`(\w+)`/g), ([, word = '']) => word);
    for (const name of words(names)) metrics.set(name, { type, labels: words(labels) });
  }
  return metrics;
}
