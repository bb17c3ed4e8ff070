import { buildClientSchema, getIntrospectionQuery } from 'graphql';
import type { Env } from '../support/app.ts';
import { describe, expect, it } from '../support/fixtures.ts';
import { declaredFields } from '../support/schema-fields.ts';

const OPEN: [string, Env][] = [
  ['in development', { NODE_ENV: undefined }],
  ['in tests', {}],
  ['in production where PLAYGROUND is true', { NODE_ENV: 'production', PLAYGROUND: 'true' }],
];
const CLOSED: [string, Env][] = [
  ['in production', { NODE_ENV: 'production' }],
  ['where PLAYGROUND is false', { PLAYGROUND: 'false' }],
];

const browser = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' };

describe.each(OPEN)('%s', (_environment, env) => {
  it('introspection returns the schema with its descriptions', async ({ serve }) => {
    const service = await serve(env);
    const { status, data } = await service.graphql(getIntrospectionQuery());
    expect(status).toBe(200);
    const fields = buildClientSchema(data).getMutationType()?.getFields() ?? {};
    expect(Object.keys(fields).sort()).toEqual(declaredFields('Mutation'));
    expect(fields.createBadge?.description).toContain('badge');
  });

  it('errors contain suggestions', async ({ serve }) => {
    const service = await serve(env);
    const { errors } = await service.graphql('{ viewr { id } }');
    expect(errors?.[0].message).toContain('Did you mean "viewer"?');
  });

  it('a browser gets the playground, which loads nothing from other origins', async ({ serve }) => {
    const service = await serve(env);
    const { status, headers, text } = await service.rest('/graphql', { headers: browser });
    expect(status).toBe(200);
    expect(headers['content-type']).toContain('text/html');
    expect(text).toContain('mutation CreateBadge');
    expect(text).not.toMatch(/<(script|link|img)[^>]+(src|href)="(https?:)?\/\//i);
  });
});

describe.each(CLOSED)('%s', (_environment, env) => {
  it.for([
    getIntrospectionQuery(),
    '{ __schema { types { name } } }',
    '{ __type(name: "User") { name } }',
    '{ ...A } fragment A on Query { __schema { queryType { name } } }',
  ])('introspection is rejected: %#', async (query, { serve }) => {
    const service = await serve(env);
    const { status, data, errors } = await service.graphql(query);
    expect(status).toBe(400);
    expect(data).toBeUndefined();
    expect(errors?.[0].extensions.code).toBe('GRAPHQL_VALIDATION_FAILED');
  });

  it('errors contain no suggestions', async ({ serve }) => {
    const service = await serve(env);
    const wrong = [
      await service.graphql('{ viewr { id } }'),
      await service.graphql('{ viewer { badge { id } } }'),
      await service.graphql('{ badge(ids: 1) { id } }'),
      await service.graphql('{ viewer { goals(status: [PAUSE]) { id } } }'),
      await service.graphql('mutation { createBadge(input: { nam: "x" }) { badge { id } } }'),
      await service.graphql('query ($s: [GoalStatus!]) { viewer { goals(status: $s) { id } } }', { s: ['PAUSE'] }),
      await service.graphql('mutation ($i: CreateBadgeInput!) { createBadge(input: $i) { badge { id } } }', {
        i: { nam: 'x' },
      }),
    ];
    for (const { status, text } of wrong) {
      expect.soft(status).toBe(400);
      expect.soft(text).not.toMatch(/did you mean/i);
    }
  });

  it('a browser gets 400 and no playground', async ({ serve }) => {
    const service = await serve(env);
    const { status, headers } = await service.rest('/graphql', { headers: browser });
    expect(status).toBe(400);
    expect(headers['content-type']).not.toContain('text/html');
  });

  it('__typename is available, since client caches need it', async ({ serve }) => {
    const service = await serve(env);
    expect((await service.graphql('{ __typename }')).body).toEqual({ data: { __typename: 'Query' } });
  });

  it('a gateway gets the SDL', async ({ serve }) => {
    const service = await serve(env);
    expect((await service.graphql('{ _service { sdl } }')).data._service.sdl).toContain('type Badge');
  });
});
