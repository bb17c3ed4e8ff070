import { startHiveGateway } from '../federation/supergraph.ts';
import { operationsBy } from '../graphql/executors.ts';
import type { Service } from '../support/app.ts';
import { withLongLockTimeout } from '../support/database.ts';
import { slow } from '../support/faults.ts';
import { badgeBody, badgeInput, it as base, describe, expect } from '../support/fixtures.ts';
import { createHttpClient } from '../support/http-client.ts';
import { untilInFlight } from '../support/in-flight.ts';
import { whileLocked } from '../support/locked-user.ts';
import { type OtlpCollector, type ReceivedSpan, startOtlpCollector } from '../support/otlp-collector.ts';
import { openSocket, requestText } from '../support/raw-sockets.ts';
import { countWaiting } from '../support/waiting.ts';
import { scrape, sumOf } from './exposition.ts';

const TRACE_ID = '4bf92f3577b34da6a3ce929d0e0e4736';
const GATEWAY_SPAN = '00f067aa0ba902b7';
const SAMPLED = `00-${TRACE_ID}-${GATEWAY_SPAN}-01`;
const UNSAMPLED = `00-${TRACE_ID}-${GATEWAY_SPAN}-00`;
const PROFILE = 'query Profile($id: ID!) { learner(id: $id) { id badges { name } } }';

/** A collector, and a service that sends its spans there. */
const it = base
  .extend('collector', async ({}, { onCleanup }) => {
    const collector = await startOtlpCollector();
    onCleanup(() => collector.close());
    return collector;
  })
  .extend('traced', async ({ collector, serve }) => serve({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.url }));

/** Closes the service, which sends its spans, and returns them. */
async function spansOf(service: Service, { spans }: OtlpCollector): Promise<ReceivedSpan[]> {
  await service.close();
  return [...spans];
}

const named = (spans: readonly ReceivedSpan[], name: string | RegExp) =>
  spans.filter((span) => (typeof name === 'string' ? span.name === name : name.test(span.name)));

describe('a request of a gateway that records its trace', () => {
  it('is one trace, from the gateway to PostgreSQL and the auth-service', async ({
    traced,
    collector,
    auth,
    createUser,
  }) => {
    const { id } = await createUser();
    auth.calls.clear();
    const headers = { traceparent: SAMPLED, tracestate: 'vendor=a' };
    expect((await traced.graphql(PROFILE, { id }, { headers })).errors).toBeUndefined();
    const [call] = auth.callsTo('graphql');
    const spans = await spansOf(traced, collector);

    expect(new Set(spans.map(({ traceId }) => traceId))).toEqual(new Set([TRACE_ID]));
    const [server] = spans.filter(({ kind }) => kind === 'SERVER');
    expect(server).toMatchObject({
      kind: 'SERVER',
      parentId: GATEWAY_SPAN,
      attributes: { 'http.request.method': 'POST', 'http.route': '/graphql', 'http.response.status_code': 200 },
      isError: false,
    });
    const [operation] = named(spans, 'query');
    expect(operation).toMatchObject({
      parentId: server?.spanId,
      attributes: { 'graphql.operation.type': 'query', 'graphql.operation.name': 'Profile' },
    });
    const statements = spans.filter(({ attributes }) => attributes['db.system.name'] === 'postgresql');
    expect(statements.map(({ parentId, kind }) => [parentId, kind])).toEqual([[operation?.spanId, 'CLIENT']]);
    expect(statements[0]?.attributes['db.query.text']).toMatch(/from .*badges.*\$\d/s);
    expect(JSON.stringify(statements[0]?.attributes)).not.toContain(id);
    const [client] = named(spans, 'POST /graphql').filter(({ kind }) => kind === 'CLIENT');
    expect(client).toMatchObject({ parentId: operation?.spanId, attributes: { 'peer.service': 'auth-service' } });
    expect(call?.headers).toMatchObject({
      traceparent: `00-${TRACE_ID}-${client?.spanId}-01`,
      tracestate: 'vendor=a',
    });
    for (const span of spans) expect(span.end).toBeGreaterThanOrEqual(span.start);
  });

  it('is one trace through Hive Gateway', async ({ traced, collector, auth, createUser, onTestFinished }) => {
    const { id } = await createUser();
    const gateway = await startHiveGateway({ authUrl: auth.url, usersUrl: traced.url });
    onTestFinished(() => gateway.close());
    const client = createHttpClient(gateway.url);
    const headers = { traceparent: SAMPLED, 'x-request-id': 'from-the-client' };
    expect((await client.graphql(PROFILE, { id }, { headers })).errors).toBeUndefined();
    client.disconnect();
    const spans = await spansOf(traced, collector);
    expect(new Set(spans.map(({ traceId }) => traceId))).toEqual(new Set([TRACE_ID]));
    const kinds = spans.map(
      ({ kind, attributes }) => attributes['db.system.name'] ?? attributes['peer.service'] ?? kind,
    );
    expect(kinds.toSorted()).toEqual(['INTERNAL', 'SERVER', 'auth-service', 'postgresql']);
    expect(traced.logs.filter(({ requestId }) => requestId === 'from-the-client')).toHaveLength(1);
  });

  it('has the code of an error in the span of its operation', async ({ traced, collector, auth, createUser }) => {
    const { id } = await createUser();
    auth.fail('graphql', 400);
    await traced.graphql(PROFILE, { id });
    await traced.graphql('{ nonsense }');
    const spans = await spansOf(traced, collector);
    expect(named(spans, 'query')).toMatchObject([
      { isError: true, attributes: { 'error.type': 'AUTH_SERVICE_UNAVAILABLE' } },
    ]);
    expect(named(spans, 'GraphQL operation')).toMatchObject([
      { isError: false, attributes: { 'error.type': 'GRAPHQL_VALIDATION_FAILED' } },
    ]);
    const [client] = spans.filter(({ attributes }) => attributes['peer.service'] === 'auth-service');
    expect(client).toMatchObject({ isError: true, attributes: { 'error.type': '400' } });
  });

  it('has a span for each statement of a transaction, and of REST', async ({ traced, collector, createUser }) => {
    const { id, token } = await createUser();
    const create = 'mutation Create($input: CreateBadgeInput!) { createBadge(input: $input) { badge { id } } }';
    await traced.graphql(create, { input: badgeInput() }, { token });
    await traced.rest(`/users/${id}/badges`);
    const spans = await spansOf(traced, collector);
    const [rest] = named(spans, 'GET /users/:auth_user_id/badges');
    expect(rest?.parentId).toBe('');
    expect(spans.filter(({ parentId }) => parentId === rest?.spanId)).toHaveLength(1);
    const [mutation] = named(spans, 'mutation');
    expect(spans.filter(({ parentId }) => parentId === mutation?.spanId).length).toBeGreaterThan(0);
  });
});

/** Requests the lists of eight users at the same time. */
const burst = (service: Service, traceparent: string) =>
  Promise.all(
    Array.from({ length: 8 }, (_, i) => service.rest(`/users/user-${i}/badges`, { headers: { traceparent } })),
  );

describe('requests that share a statement', () => {
  it('are linked from its span, which belongs to one of them', async ({ traced, collector }) => {
    // Opens the connections, so that the next requests arrive in one iteration of the event loop.
    await burst(traced, UNSAMPLED);
    traced.statements.clear();
    await burst(traced, SAMPLED);
    const sent = traced.statements.length;
    const spans = await spansOf(traced, collector);
    const statements = spans.filter(({ attributes }) => attributes['db.system.name'] === 'postgresql');
    expect(statements).toHaveLength(sent);
    expect(sent).toBeLessThan(8);
    const contexts = statements.flatMap(({ links, parentId }) => [parentId, ...links.map(({ spanId }) => spanId)]);
    const servers = spans.filter(({ kind }) => kind === 'SERVER').map(({ spanId }) => spanId);
    expect(contexts.toSorted()).toEqual(servers.toSorted());
  });
});

describe('creates of one user that share a statement', () => {
  it('are linked from its span, which belongs to one of them', async ({ serve, collector, db, createUser }) => {
    const traced = await serve({
      DATABASE_URL: withLongLockTimeout(db.url),
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
    });
    const { id, token } = await createUser();
    const create = () =>
      traced.rest(`/users/${id}/badges`, { token, body: badgeBody(), headers: { traceparent: SAMPLED } });
    await create();
    traced.statements.clear();
    const responses = await whileLocked(db.sql, id, {
      start: () => Promise.all(Array.from({ length: 12 }, create)),
      until: async () => {
        await expect.poll(() => countWaiting(db.sql), { interval: 5 }).toBe(2);
        await untilInFlight(traced, 12);
      },
    });
    for (const { status } of responses) expect(status).toBe(200);
    const sent = traced.statements.length;
    const spans = await spansOf(traced, collector);
    const statements = spans.filter(({ attributes }) => attributes['db.system.name'] === 'postgresql');
    expect(statements).toHaveLength(1 + sent);
    expect(sent).toBeLessThan(12);
    const contexts = statements.flatMap(({ links, parentId }) => [parentId, ...links.map(({ spanId }) => spanId)]);
    const servers = spans.filter(({ kind }) => kind === 'SERVER').map(({ spanId }) => spanId);
    expect(contexts.toSorted()).toEqual(servers.toSorted());
  });
});

describe('requests that share a call to the auth-service', () => {
  it('are linked from its span, and the call carries the headers of the first', async ({ traced, collector, auth }) => {
    // Opens the connections, so that the later requests arrive while the call is in flight.
    await burst(traced, UNSAMPLED);
    auth.fail('graphql', slow(200), { times: 1 });
    auth.calls.clear();
    const path = `/users/unknown-${crypto.randomUUID()}`;
    const first = traced.rest(path);
    await expect.poll(() => auth.callsTo('graphql').length, { interval: 5 }).toBe(1);
    await Promise.all([first, traced.rest(path), traced.rest(path)]);
    const spans = await spansOf(traced, collector);
    const [call] = spans.filter(({ attributes }) => attributes['peer.service'] === 'auth-service');
    const servers = spans.filter(({ kind }) => kind === 'SERVER').map(({ spanId }) => spanId);
    expect(auth.callsTo('graphql')).toHaveLength(1);
    expect([call?.parentId, ...(call?.links ?? []).map(({ spanId }) => spanId)].toSorted()).toEqual(servers.toSorted());
  });
});

describe('a failed call to the auth-service', () => {
  it('has the kind of its failure, as in the metrics', async ({ traced, collector, auth }) => {
    for (const fault of ['hang', 'html', 'reset'] as const) {
      auth.fail('graphql', fault);
      await traced.rest(`/users/unknown-${fault}-${crypto.randomUUID()}`);
    }
    auth.clearFaults();
    await auth.down();
    await traced.rest(`/users/unknown-${crypto.randomUUID()}`);
    const spans = await spansOf(traced, collector);
    const calls = spans.filter(({ attributes }) => attributes['peer.service'] === 'auth-service');
    const types = new Set(calls.map(({ attributes }) => attributes['error.type']));
    expect(types).toEqual(new Set(['timeout', 'invalid_response', 'connection']));
    for (const { isError } of calls) expect(isError).toBe(true);
  });
});

describe('a request whose gateway does not record its trace', () => {
  it('has no spans, and passes the decision on', async ({ traced, collector, auth, createUser }) => {
    const { id } = await createUser();
    auth.calls.clear();
    await traced.graphql(PROFILE, { id }, { headers: { traceparent: UNSAMPLED } });
    expect(auth.callsTo('graphql').map(({ headers }) => headers.traceparent)).toEqual([UNSAMPLED]);
    expect(await spansOf(traced, collector)).toEqual([]);
  });

  it('has spans with the sampler always_on', async ({ serve, collector }) => {
    const env = { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `${collector.url}/custom`, OTEL_TRACES_SAMPLER: 'always_on' };
    const service = await serve(env);
    await service.rest('/users/ada/badges', { headers: { traceparent: UNSAMPLED } });
    expect(await spansOf(service, collector)).toHaveLength(2);
    expect([...collector.requests]).toEqual(['POST /custom']);
  });
});

describe('a request whose client disconnects', () => {
  it('has a span that ends, with the status 499', async ({ traced, collector, auth }) => {
    auth.fail('graphql', slow(400));
    auth.calls.clear();
    const socket = await openSocket(traced.url, requestText(`GET /users/unknown-${crypto.randomUUID()}`));
    await expect.poll(() => auth.callsTo('graphql').length, { interval: 5 }).toBeGreaterThan(0);
    socket.destroy();
    await expect.poll(() => traced.logs.at(-1)?.aborted).toBe(true);
    const servers = (await spansOf(traced, collector)).filter(({ kind }) => kind === 'SERVER');
    expect(servers).toMatchObject([{ attributes: { 'http.response.status_code': 499 }, isError: false }]);
  });
});

describe('probes and scrapes', () => {
  it('have no spans', async ({ traced, collector }) => {
    for (const path of ['/health/live', '/health/ready', '/metrics']) await traced.rest(path);
    expect(await spansOf(traced, collector)).toEqual([]);
  });
});

describe('a sampler that records no new trace', () => {
  it('passes its decision to the auth-service', async ({ serve, collector, auth }) => {
    const env = { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, OTEL_TRACES_SAMPLER: 'parentbased_always_off' };
    const service = await serve(env);
    auth.calls.clear();
    await service.rest(`/users/unknown-${crypto.randomUUID()}`);
    expect(auth.callsTo('graphql').map(({ headers }) => headers.traceparent)).toEqual([
      expect.stringMatching(/^00-[0-9a-f]{32}-[0-9a-f]{16}-00$/),
    ]);
    expect(await spansOf(service, collector)).toEqual([]);
  });
});

describe('with tracing', () => {
  it('queries are still compiled, also after a mutation', async ({ traced, createUser }) => {
    const { id, token } = await createUser();
    const create = 'mutation($input: CreateBadgeInput!) { createBadge(input: $input) { badge { id } } }';
    await traced.graphql(create, { input: badgeInput() }, { token });
    for (let i = 0; i < 10; i++) await traced.graphql(PROFILE, { id });
    expect(await operationsBy(traced)).toEqual({ compiled: 8, interpreted: 3 });
  });

  it('log lines have the id of a trace that the service has started', async ({ traced, collector }) => {
    await traced.rest('/users/ada/badges');
    await expect.poll(() => traced.logs.at(-1)?.trace_id).toMatch(/^[0-9a-f]{32}$/);
    const { trace_id } = traced.logs.at(-1);
    expect((await spansOf(traced, collector)).map(({ traceId }) => traceId)).toContain(trace_id);
  });

  it('durations have exemplars, in the format OpenMetrics', async ({ traced, createUser }) => {
    const { id } = await createUser();
    await traced.graphql(PROFILE, { id }, { headers: { traceparent: SAMPLED } });
    const { headers, text } = await traced.rest('/metrics');
    expect(headers['content-type']).toMatch(/^application\/openmetrics-text/);
    expect(text).toMatch(
      /^http_server_request_duration_seconds_bucket\{.*\} 1 # \{trace_id="4bf92f3577b34da6a3ce929d0e0e4736"\}/m,
    );
    expect(text).toMatch(
      /^graphql_operation_duration_seconds_bucket\{.*\} 1 # \{trace_id="4bf92f3577b34da6a3ce929d0e0e4736"\}/m,
    );
    expect(text).toMatch(/# EOF\n$/);
  });
});

describe('a collector that fails', () => {
  it('affects no request, and is logged at most once a minute and at the end, with each span', async ({
    serve,
    createUser,
  }) => {
    const { id } = await createUser();
    const collector = await startOtlpCollector({ status: 400 });
    const service = await serve({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.url });
    for (let i = 0; i < 600; i++) expect((await service.rest(`/users/${id}/badges`)).status).toBe(200);
    await expect.poll(() => collector.requests.length, { timeout: 10_000 }).toBeGreaterThan(1);
    const lines = () => service.logs.filter(({ msg }) => msg === 'spans could not be exported');
    expect(lines()).toHaveLength(1);
    await service.close();
    await collector.close();
    const err = { type: 'OTLPExporterError', message: expect.any(String) };
    expect(lines()).toMatchObject([
      { level: 'warn', err },
      { level: 'warn', err },
    ]);
    // Each request has a span of its own and one of its statement.
    expect(lines().reduce((sum, { spans }) => sum + spans, 0)).toBe(1200);
  });

  it('and hangs: the spans over the queue are dropped, counted and logged', async ({ serve }) => {
    const collector = await startOtlpCollector({ hangs: true });
    const service = await serve({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.url });
    // Each request has at least one span; 512 are in the first batch, and 2,048 in the queue.
    for (let sent = 0; sent < 2600; sent += 50) {
      await Promise.all(Array.from({ length: 50 }, () => service.rest('/users/ada/badges')));
    }
    const lines = service.logs.filter(({ msg }) => msg === 'spans could not be exported');
    expect(lines).toMatchObject([{ level: 'warn' }]);
    const dropped = sumOf(await scrape(service), 'user_service_telemetry_dropped_total', { signal: 'span' });
    expect(dropped).toBeGreaterThan(2600 - 2048 - 512);
    await service.close();
    await collector.close();
  });

  it('delays the end of the process by at most three seconds', async ({ serve }) => {
    const service = await serve({ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9' });
    await service.rest('/users/ada/badges');
    const start = performance.now();
    await service.close();
    expect(performance.now() - start).toBeLessThan(8000);
  });
});
