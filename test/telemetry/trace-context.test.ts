import { describe, expect, it } from '../support/fixtures.ts';

const TRACE_ID = '4bf92f3577b34da6a3ce929d0e0e4736';
const PARENT_ID = '00f067aa0ba902b7';
const VALID = `00-${TRACE_ID}-${PARENT_ID}-01`;
const INVALID = [
  '',
  'x',
  `00-${TRACE_ID}-${PARENT_ID}`,
  `00-${TRACE_ID}-${PARENT_ID}-01-more`,
  `ff-${TRACE_ID}-${PARENT_ID}-01`,
  `00-${'0'.repeat(32)}-${PARENT_ID}-01`,
  `00-${TRACE_ID}-${'0'.repeat(16)}-01`,
  `00-${TRACE_ID.toUpperCase()}-${PARENT_ID}-01`,
  `${VALID}, ${VALID}`,
];

describe('calls to the auth-service', () => {
  it('carry the trace and the id of the request', async ({ service, auth }) => {
    for (const traceparent of [VALID, `00-${TRACE_ID}-${PARENT_ID}-00`, `cc-${TRACE_ID}-${PARENT_ID}-01-later`]) {
      auth.calls.clear();
      const headers = { traceparent, tracestate: 'vendor=a,other=b', 'x-request-id': 'request-1' };
      await service.rest(`/users/unknown-${crypto.randomUUID()}`, { headers });
      expect(auth.callsTo('graphql').map((call) => call.headers)).toMatchObject([headers]);
    }
  });

  it('of a user’s own data carry them, too', async ({ service, auth, createUser }) => {
    const { token } = await createUser();
    auth.calls.clear();
    await service.rest('/users/me', { token, headers: { traceparent: VALID } });
    expect(auth.callsTo('graphql').map((call) => call.headers.traceparent)).toEqual([VALID]);
  });

  it('carry the generated id of a request, and no invalid trace', async ({ service, auth }) => {
    for (const traceparent of [...INVALID, undefined]) {
      auth.calls.clear();
      const headers = { traceparent, tracestate: 'vendor=a' };
      const response = await service.rest(`/users/unknown-${crypto.randomUUID()}`, { headers });
      const [call] = auth.callsTo('graphql');
      expect(call?.headers['x-request-id']).toBe(response.headers['x-request-id']);
      expect([call?.headers.traceparent, call?.headers.tracestate], traceparent).toEqual([undefined, undefined]);
    }
  });

  it('carry no state that is not printable or longer than 512 characters', async ({ service, auth }) => {
    for (const tracestate of ['x'.repeat(513), 'a=\u00e9', 'a=\tb']) {
      auth.calls.clear();
      const headers = { traceparent: VALID, tracestate };
      await service.rest(`/users/unknown-${crypto.randomUUID()}`, { headers });
      const [call] = auth.callsTo('graphql');
      expect([call?.headers.traceparent, call?.headers.tracestate]).toEqual([VALID, undefined]);
    }
  });

  it('that requests share carry the headers of the first one', async ({ service, auth }) => {
    auth.calls.clear();
    const path = `/users/unknown-${crypto.randomUUID()}`;
    const ids = ['request-1', 'request-2', 'request-3'];
    await Promise.all(ids.map((id) => service.rest(path, { headers: { 'x-request-id': id } })));
    expect(auth.callsTo('graphql')).toHaveLength(1);
    expect(ids).toContain(auth.callsTo('graphql')[0]?.headers['x-request-id']);
  });
});

describe('the log line of a request', () => {
  it('has the id of a valid trace', async ({ service }) => {
    for (const [traceparent, expected] of [
      [VALID, TRACE_ID] as const,
      ...INVALID.map((text) => [text, undefined] as const),
    ]) {
      service.logs.clear();
      await service.rest('/users/ada/badges', { headers: { traceparent } });
      await expect.poll(() => service.logs.at(-1)?.msg).toBe('request');
      expect(service.logs.at(-1).trace_id, traceparent).toBe(expected);
    }
  });

  it('has the type, the name and the error codes of a GraphQL operation', async ({ service }) => {
    const lineOf = async (query: string) => {
      service.logs.clear();
      await service.graphql(query);
      await expect.poll(() => service.logs.at(-1)?.msg).toBe('request');
      const { operationType, operationName, errors } = service.logs.at(-1);
      return { operationType, operationName, errors };
    };
    const name = 'Long'.repeat(50);
    expect(await lineOf(`query ${name} { __typename }`)).toMatchObject({
      operationType: 'query',
      operationName: name.slice(0, 100),
    });
    expect(await lineOf('{ nonsense }')).toEqual({ errors: ['GRAPHQL_VALIDATION_FAILED'] });
    const create =
      'mutation Create { createBadge(input: { name: "x", description: "x", iconUrl: "/x" }) { __typename } }';
    expect(await lineOf(create)).toMatchObject({ operationType: 'mutation', operationName: 'Create' });
  });

  it('has the error code of a REST request', async ({ service }) => {
    service.logs.clear();
    await service.rest('/users/me');
    await expect.poll(() => service.logs.at(-1)?.errors).toEqual(['UNAUTHENTICATED']);
  });

  it('of probes and scrapes is written at the level debug only', async ({ serve }) => {
    const paths = ['/health/live', '/health/ready', '/metrics'];
    for (const [level, lines] of [['info', []] as const, ['debug', paths] as const]) {
      const service = await serve({ LOG_LEVEL: level });
      for (const path of [...paths, '/users/ada/badges']) await service.rest(path);
      const logged = () => service.logs.filter(({ msg }) => msg === 'request').map(({ route }) => route);
      // The line of the last request comes after those of the others.
      await expect.poll(() => logged().at(-1)).toBe('/users/:auth_user_id/badges');
      expect(logged()).toEqual([...lines, '/users/:auth_user_id/badges']);
    }
  });
});
