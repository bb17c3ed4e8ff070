import fc from 'fast-check';
import { describe, expect } from '../../support/fixtures.ts';
import { it } from '../stage.ts';
import { anyText, mutated } from './arbitraries.ts';
import { holds } from './property.ts';

/** What a header can hold: the rest does not leave node:http's client. */
const fit = (text: string) => text.replace(/[^\t\x20-\x7e\x80-\xff]/g, '?').trim();
const anyHeader = fc.oneof(
  fc.string({ unit: fc.integer({ min: 0x20, max: 0xff }).map((code) => String.fromCharCode(code)), maxLength: 300 }),
  anyText(250),
);
const like = (...known: string[]) =>
  fc.oneof(anyHeader, mutated(fc.constantFrom(...known), anyHeader), fc.constantFrom(...known)).map(fit);

const KEY = /^[\x21-\x7e]{1,255}$/;
const REQUEST_ID = /^[\w.-]{1,128}$/;

/** What becomes of a header: its status and viewer in GraphQL, and the status of an unfit write and of a public read. */
const ADA = [200, { id: 'ada' }, 422, 200];
const NOBODY = [401, undefined, 401, 200];
const ANONYMOUS = [200, null, 401, 200];

describe('whatever is in', () => {
  it('If-Match: the change is made, or 412', { timeout: 60_000 }, async ({ stage }) => {
    const tags = like('"1-1"', 'W/"1-1"', '*', '"1-2", "1-3"', '1-1', '"1-999"', '""');
    await holds(stage, { values: tags, runs: 100 }, async (tag, ask) => {
      const put = { path: '/users/ada/goals/1', method: 'PUT', token: stage.ada.token };
      const { headers } = await ask({ ...put, body: {} });
      const { status } = await ask({ ...put, body: { streak_count: 1 }, headers: { 'if-match': tag } });
      const meant = tag === '*' || tag.split(',').some((one) => one.trim() === headers.etag);
      expect(status).toBe(meant ? 200 : 412);
    });
  });

  it('If-None-Match: the profile, or 304 for the one that there is', { timeout: 60_000 }, async ({ stage }) => {
    const { headers } = await stage.service.rest('/users/ada');
    const etag = String(headers.etag);
    await holds(stage, { values: like(etag, `W/${etag}`, '*', `"x", ${etag}`, '"x"'), runs: 100 }, async (tag, ask) => {
      const { status, text } = await ask({ path: '/users/ada', headers: { 'if-none-match': tag } });
      const known = tag.split(',').some((one) => ['*', etag, `W/${etag}`].includes(one.trim()));
      expect([status, text === '']).toEqual(known ? [304, true] : [200, false]);
    });
  });

  it('Idempotency-Key: once, or 400', { timeout: 60_000 }, async ({ stage }) => {
    await holds(
      stage,
      { values: like('a-key', '6f1d5b1e-62b5-4f0e-9a54-0d4b6b9a7c11', 'k'.repeat(255)), runs: 100 },
      async (key, ask) => {
        const post = { path: '/users/ada/badges', token: stage.ada.token, headers: { 'idempotency-key': key } };
        const body = { name: 'x', description: 'x', icon_url: '/x' };
        const [first, second] = [await ask({ ...post, body }), await ask({ ...post, body })];
        expect([first.status, second.status]).toEqual(KEY.test(key) ? [200, 200] : [400, 400]);
        if (first.status !== 200) return;
        expect([second.text, second.headers['idempotent-replayed']]).toEqual([first.text, 'true']);
        expect((await ask({ ...post, body: { ...body, name: 'y' } })).status).toBe(422);
      },
    );
  });

  it('x-request-id: it is told again if it is sound, else another one is', { timeout: 60_000 }, async ({ stage }) => {
    await holds(stage, { values: like('a-sound.id_7', 'x'.repeat(128)), runs: 100 }, async (id, ask) => {
      const { status, headers } = await ask({ path: '/health/live', headers: { 'x-request-id': id } });
      expect(status).toBe(200);
      expect(headers['x-request-id']).toMatch(REQUEST_ID);
      expect(headers['x-request-id'] === id).toBe(REQUEST_ID.test(id));
    });
  });

  it('Authorization: it opens nothing unless it is a token', { timeout: 60_000 }, async ({ stage }) => {
    const good = `Bearer ${stage.ada.token}`;
    const values = like(good, 'Bearer', 'Basic YWRhOmFkYQ==', 'bearer x', good.replace(/\.[^.]*$/, '.'), 'Bearer null');
    await holds(stage, { values, runs: 120, calls: { inAll: 3 } }, async (authorization, ask) => {
      const [, token] = /^Bearer(?:\s+(.*))?$/i.exec(authorization) ?? [];
      const expected = token === stage.ada.token ? ADA : /^Bearer(\s|$)/i.test(authorization) ? NOBODY : ANONYMOUS;
      const viewer = await ask({ graphql: '{ viewer { id } }', headers: { authorization } });
      const write = await ask({ path: '/users/ada/goals', headers: { authorization }, body: { title: 7 } });
      const read = await ask({ path: '/users/ada/goals', headers: { authorization } });
      expect([viewer.status, viewer.body.data?.viewer, write.status, read.status]).toEqual(expected);
    });
  });
});
