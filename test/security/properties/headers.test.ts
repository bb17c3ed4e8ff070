import fc from 'fast-check';
import { describe, expect } from '../../support/fixtures.ts';
import { it } from '../target.ts';
import { anyText, mutated } from './arbitraries.ts';
import { assertProperty } from './property.ts';

/** Replaces characters that the client of node:http rejects in headers. */
const toHeaderValue = (text: string) => text.replace(/[^\t\x20-\x7e\x80-\xff]/g, '?').trim();
const anyHeader = fc.oneof(
  fc.string({ unit: fc.integer({ min: 0x20, max: 0xff }).map((code) => String.fromCharCode(code)), maxLength: 300 }),
  anyText(250),
);
const like = (...known: string[]) =>
  fc.oneof(anyHeader, mutated(fc.constantFrom(...known), anyHeader), fc.constantFrom(...known)).map(toHeaderValue);

const KEY = /^[\x21-\x7e]{1,255}$/;
const REQUEST_ID = /^[\w.-]{1,128}$/;

/** Expected outcomes: status and viewer in GraphQL, status of an invalid write, status of a public read. */
const ADA = [200, { id: 'ada' }, 422, 200];
const REJECTED = [401, undefined, 401, 200];
const ANONYMOUS = [200, null, 401, 200];

describe('for any value of', () => {
  it('If-Match, the update is made or gets 412', { timeout: 60_000 }, async ({ target }) => {
    const tags = like('"1-1"', 'W/"1-1"', '*', '"1-2", "1-3"', '1-1', '"1-999"', '""');
    await assertProperty(target, { values: tags, runs: 100 }, async (tag, request) => {
      const put = { path: '/users/ada/goals/1', method: 'PUT', token: target.ada.token };
      const { headers } = await request({ ...put, body: {} });
      const { status } = await request({ ...put, body: { streak_count: 1 }, headers: { 'if-match': tag } });
      const matches = tag === '*' || tag.split(',').some((one) => one.trim() === headers.etag);
      expect(status).toBe(matches ? 200 : 412);
    });
  });

  it('If-None-Match, the profile is sent, or 304 when the tag matches', { timeout: 60_000 }, async ({ target }) => {
    const { headers } = await target.service.rest('/users/ada');
    const etag = String(headers.etag);
    await assertProperty(
      target,
      { values: like(etag, `W/${etag}`, '*', `"x", ${etag}`, '"x"'), runs: 100 },
      async (tag, request) => {
        const { status, text } = await request({ path: '/users/ada', headers: { 'if-none-match': tag } });
        const matches = tag.split(',').some((one) => ['*', etag, `W/${etag}`].includes(one.trim()));
        expect([status, text === '']).toEqual(matches ? [304, true] : [200, false]);
      },
    );
  });

  it('Idempotency-Key, two requests have one effect or get 400', { timeout: 60_000 }, async ({ target }) => {
    await assertProperty(
      target,
      { values: like('a-key', '6f1d5b1e-62b5-4f0e-9a54-0d4b6b9a7c11', 'k'.repeat(255)), runs: 100 },
      async (key, request) => {
        const post = { path: '/users/ada/badges', token: target.ada.token, headers: { 'idempotency-key': key } };
        const body = { name: 'x', description: 'x', icon_url: '/x' };
        const [first, second] = [await request({ ...post, body }), await request({ ...post, body })];
        expect([first.status, second.status]).toEqual(KEY.test(key) ? [200, 200] : [400, 400]);
        if (first.status !== 200) return;
        expect([second.text, second.headers['idempotent-replayed']]).toEqual([first.text, 'true']);
        expect((await request({ ...post, body: { ...body, name: 'y' } })).status).toBe(422);
      },
    );
  });

  it('X-Request-Id, the response has it when it is valid, and otherwise a new one', { timeout: 60_000 }, async ({
    target,
  }) => {
    await assertProperty(target, { values: like('a-valid.id_7', 'x'.repeat(128)), runs: 100 }, async (id, request) => {
      const { status, headers } = await request({ path: '/users/ada/badges', headers: { 'x-request-id': id } });
      expect(status).toBe(200);
      expect(headers['x-request-id']).toMatch(REQUEST_ID);
      expect(headers['x-request-id'] === id).toBe(REQUEST_ID.test(id));
    });
  });

  it('Authorization, only the exact token authenticates', { timeout: 60_000 }, async ({ target }) => {
    const valid = `Bearer ${target.ada.token}`;
    const values = like(
      valid,
      'Bearer',
      'Basic YWRhOmFkYQ==',
      'bearer x',
      valid.replace(/\.[^.]*$/, '.'),
      'Bearer null',
    );
    await assertProperty(target, { values, runs: 120, upstreamCalls: { total: 3 } }, async (authorization, request) => {
      const [, token] = /^Bearer(?:\s+(.*))?$/i.exec(authorization) ?? [];
      const expected = authorization.trim() === '' ? ANONYMOUS : token === target.ada.token ? ADA : REJECTED;
      const viewer = await request({ graphql: '{ viewer { id } }', headers: { authorization } });
      const write = await request({ path: '/users/ada/goals', headers: { authorization }, body: { title: 7 } });
      const read = await request({ path: '/users/ada/goals', headers: { authorization } });
      expect([viewer.status, viewer.body.data?.viewer, write.status, read.status]).toEqual(expected);
    });
  });
});
