import type { Service } from '../support/app.ts';
import { it as base, describe, expect } from '../support/fixtures.ts';
import { READ } from './pool.ts';

/** Creates a role that can only log in, and returns the URL of the database with it. */
const it = base.extend('roleUrl', async ({ db }, { onCleanup }) => {
  const role = `role_${crypto.randomUUID().slice(0, 8)}`;
  await db.sql.unsafe(`create role ${role} login password 'x'`);
  onCleanup(async () => {
    await db.sql.unsafe(`drop owned by ${role}; drop role ${role}`);
  });
  return changed(db.url, { username: role, password: 'x' });
});

function changed(url: string, parts: Partial<URL>): string {
  return Object.assign(new URL(url), parts).href;
}

async function expectFailedDependency(service: Service, state: unknown) {
  const { status, headers, body } = await service.rest(READ);
  expect({ status, code: body.code }).toEqual({ status: 503, code: 'SERVICE_UNAVAILABLE' });
  expect(headers['retry-after']).toBe('2');
  const { errors } = await service.graphql('{ badge(id: "1") { id } }');
  expect(errors).toMatchObject([{ extensions: { code: 'SERVICE_UNAVAILABLE' } }]);
  const failures = service.logs.filter(({ msg }) => msg === 'dependency failed');
  expect(failures).toMatchObject(Array(2).fill({ level: 'warn', err: { code: state } }));
  expect(service.logs.filter(({ level }) => level === 'error')).toEqual([]);
}

const reasonOf = async (service: Service) => (await service.rest('/health/ready')).body.status;

describe('a database', () => {
  it('that rejects the role is a failed dependency, and the reason of readiness', async ({ db, serve }) => {
    const service = await serve({ DATABASE_URL: changed(db.url, { username: 'unknown_role', password: 'x' }) });
    await expectFailedDependency(service, expect.stringMatching(/^28/));
    await expect.poll(() => reasonOf(service)).toBe('the database rejects the role');
  });

  it('that does not exist is a failed dependency, and the reason of readiness', async ({ db, serve }) => {
    const service = await serve({ DATABASE_URL: changed(db.url, { pathname: '/unknown_database' }) });
    await expectFailedDependency(service, '3D000');
    await expect.poll(() => reasonOf(service)).toBe('the database does not exist');
  });

  it.for<[string, string, Partial<URL>]>([
    ['an unknown parameter', '42704', { search: '?schema=public' }],
    ['a parameter with a wrong value', '22023', { search: '?statement_timeout=abc' }],
    ['a parameter of the server alone', '55P02', { search: '?max_connections=5' }],
  ])(
    'that rejects %s of its URL is a failed dependency, and the reason of readiness',
    async ([, state, part], { db, serve }) => {
      const service = await serve({ DATABASE_URL: changed(db.url, part) });
      await expectFailedDependency(service, state);
      await expect.poll(() => reasonOf(service)).toBe('the database rejects a parameter of DATABASE_URL');
    },
  );

  it('without grants is a failed dependency until it has them', async ({ db, roleUrl, serve }) => {
    const service = await serve({ DATABASE_URL: roleUrl });
    await expectFailedDependency(service, '42501');
    await expect.poll(() => reasonOf(service)).toBe('the role lacks rights');
    await db.sql.unsafe(`grant select on all tables in schema public to ${new URL(roleUrl).username}`);
    await expect.poll(() => reasonOf(service)).toBe('ok');
    expect(await service.rest(READ)).toMatchObject({ status: 200 });
  });
});
