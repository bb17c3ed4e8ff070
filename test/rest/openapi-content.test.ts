import { Ajv2020 } from 'ajv/dist/2020.js';
import { currentContract } from '../../scripts/contract.ts';
import { insertDates } from '../../src/http/pages/examples.ts';
import { describe, expect, goalBody, it } from '../support/fixtures.ts';
import type { Json } from '../support/json.ts';
import { fetchDocument, inlined, operationsOf } from './openapi-document.ts';

const USER = '/users/{auth_user_id}';
const GOALS = `${USER}/goals`;

/** Returns each schema of the document with its place. */
function schemasOf(value: Json, place: string): [place: string, schema: Json][] {
  if (typeof value !== 'object' || value === null) return [];
  const members = Object.entries<Json>(value.properties ?? {});
  const parts = [value.items, ...(value.anyOf ?? [])].filter((part) => part !== undefined);
  return [
    [place, value],
    ...members.flatMap(([name, member]) => schemasOf(member, `${place}.${name}`)),
    ...parts.flatMap((part) => schemasOf(part, `${place}[]`)),
  ];
}

describe('the OpenAPI document', () => {
  it('is the one that the release gate compares', async ({ service }) => {
    const { openapi } = await currentContract();
    expect(JSON.parse(insertDates(openapi))).toEqual(await fetchDocument(service));
  });

  it('names the schemas, so that generated clients have named types', async ({ service }) => {
    const { components, paths } = await fetchDocument(service);
    expect(Object.keys(components.schemas)).toEqual(expect.arrayContaining(['Badge', 'Goal', 'NewGoal', 'Profile']));
    const created = paths[GOALS].post;
    expect(created.requestBody.content['application/json'].schema).toEqual({ $ref: '#/components/schemas/NewGoal' });
    expect(created.responses[200].content['application/json'].schema).toEqual({ $ref: '#/components/schemas/Goal' });
    expect(created.responses[401]).toEqual({ $ref: '#/components/responses/UnauthenticatedError' });
  });

  it('describes every operation, response, header, parameter and member', async ({ service }) => {
    const { paths, components, tags } = await fetchDocument(service);
    const operations = operationsOf({ paths });
    expect(new Set(operations.flatMap(([, , operation]) => operation.tags))).toEqual(
      new Set(tags.map(({ name }: Json) => name)),
    );
    const responses = operations.flatMap(([, , operation]) => Object.values<Json>(operation.responses));
    const described = [
      ...operations.map(([, , operation]) => operation),
      ...operations.flatMap(([, , { parameters = [] }]) => parameters),
      ...[...responses, ...Object.values<Json>(components.responses)].filter(({ $ref }) => $ref === undefined),
      ...Object.values<Json>(components.headers),
      ...tags,
    ];
    for (const part of described) {
      expect(part.description, JSON.stringify(part).slice(0, 100)).toMatch(/\w{2,}.*\.$/s);
    }
    const members = Object.entries<Json>(components.schemas).flatMap(([name, schema]) => schemasOf(schema, name));
    const silent = members.filter(([place, schema]) => !place.endsWith('[]') && !schema.description && !schema.$ref);
    expect(silent.map(([place]) => place)).toEqual([]);
  });

  it('has a realistic example of every text and number', async ({ service }) => {
    const { components } = await fetchDocument(service);
    const members = Object.entries<Json>(components.schemas).flatMap(([name, schema]) => schemasOf(schema, name));
    const scalars = members.filter(([place, { type }]) => place.includes('.') && /string|integer/.test(String(type)));
    const without = scalars.filter(([place, { examples, enum: values }]) => {
      return !place.endsWith('[]') && examples === undefined && values === undefined;
    });
    expect(scalars.length).toBeGreaterThan(50);
    expect(without.map(([place]) => place)).toEqual([]);
  });

  it('has for each error status the codes, and a valid example of each', async ({ service }) => {
    const { responses } = inlined(await fetchDocument(service)).paths[GOALS].post;
    const ajv = new Ajv2020({ strict: false });
    const errors = Object.keys(responses).filter((status) => Number(status) >= 400);
    expect(errors).toEqual(['400', '401', '403', '409', '413', '415', '422', '429', '500', '503']);
    for (const status of errors) {
      const { schema, examples } = responses[status].content['application/json'];
      const codes = Object.keys(examples).map((name) => name.replace(/-2$/, ''));
      expect([...new Set(codes)]).toEqual(schema.properties.code.enum);
      for (const [name, { value }] of Object.entries<Json>(examples)) {
        expect(value.code).toBe(name.replace(/-2$/, ''));
        expect(ajv.validate(schema, value), `${status} ${name}`).toBe(true);
      }
    }
  });

  it('has the codes of an item of a batch', async ({ service }) => {
    const { responses } = inlined(await fetchDocument(service)).paths['/users/activities'].post;
    const { results } = responses[200].content['application/json'].schema.properties;
    expect(results.items.properties.code.enum).toEqual(['CONFLICT', 'BAD_USER_INPUT']);
  });

  it('describes the headers of responses', async ({ serve, createUser }) => {
    const service = await serve({ RATE_LIMIT_PER_MINUTE: '8' });
    const { id, token } = await createUser();
    const { paths } = inlined(await fetchDocument(service));
    const path = `/users/${id}/goals`;
    const create = { token, body: goalBody(), headers: { 'idempotency-key': 'k' } };
    const goal = await service.rest(path, create);
    const responses = [
      ['post', GOALS, goal],
      ['post', GOALS, await service.rest(path, create)],
      ['post', GOALS, await service.rest(path, { body: goalBody() })],
      ['get', GOALS, await service.rest(path)],
    ] as const;
    const listed = ['etag', 'link', 'location', 'idempotent-replayed', 'retry-after', 'warning', 'www-authenticate'];
    for (const [method, template, { status, headers }] of responses) {
      const documented = Object.keys(paths[template][method].responses[status].headers).map((name) =>
        name.toLowerCase(),
      );
      const sent = listed.filter((name) => headers[name] !== undefined);
      expect.soft(documented, `${method} ${status}`).toEqual(expect.arrayContaining(['x-request-id', ...sent]));
    }
    const profile = await service.rest(`/users/${id}`);
    const known = await service.rest(`/users/${id}`, { headers: { 'if-none-match': String(profile.headers.etag) } });
    expect([known.status, known.headers.etag]).toEqual([304, profile.headers.etag]);
    expect(paths[USER].get.responses[304].headers).toHaveProperty('ETag');
  });

  it('describes the 429 of a rate limit', async ({ serve, createUser }) => {
    const service = await serve({ RATE_LIMIT_PER_MINUTE: '1' });
    const { paths } = inlined(await fetchDocument(service));
    const { id } = await createUser();
    const limited = await service.rest(`/users/${id}/goals`);
    const { headers, content } = paths[GOALS].get.responses[429];
    expect(limited.status).toBe(429);
    expect(limited.headers['retry-after']).toMatch(new RegExp(headers['Retry-After'].schema.pattern));
    expect(content['application/json'].schema.properties.code.enum).toContain(limited.body.code);
  });

  it('has both 429 as examples: of the rate limit, and of a user with 100 waiting changes', async ({ service }) => {
    const { paths } = inlined(await fetchDocument(service));
    const { examples } = paths[GOALS].get.responses[429].content['application/json'];
    expect(Object.values<Json>(examples).map(({ value }) => [value.code, value.detail])).toEqual([
      ['RATE_LIMITED', 'Too many requests'],
      ['RATE_LIMITED', 'Too many changes of this user wait for one another'],
    ]);
  });
});
