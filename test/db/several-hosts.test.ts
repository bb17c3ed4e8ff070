import { parseDatabaseUrl } from '../../src/db/database-url.ts';
import { serviceEnv } from '../support/app.ts';
import { describe, expect, it } from '../support/fixtures.ts';
import { createProxy } from '../support/proxy.ts';
import { startMigrate } from '../system/process/migrate.ts';
import { timed, untilAvailable } from './pool.ts';

/** Returns the URL of the first server with the host of the second one after it. */
function withHosts(first: string, second: string): string {
  const { host } = new URL(first);
  return first.replace(host, `${host},${new URL(second).host}`);
}

describe('DATABASE_URL', () => {
  it('has one host, and may lead to any server, by default', () => {
    const { url, hosts, target } = parseDatabaseUrl(
      'postgres://us%40er:password@db.example.org:5433/users?sslmode=require',
    );
    expect([url.href, hosts, target]).toEqual([
      'postgres://us%40er:password@db.example.org:5433/users?sslmode=require',
      [],
      undefined,
    ]);
  });

  it('names several hosts as libpq does, of which the primary is used', () => {
    const { url, hosts, target } = parseDatabaseUrl('postgres://user:password@a:1,b,[::1]:3/users?prepare=false');
    expect(url.href).toBe('postgres://user:password@a:1/users?prepare=false');
    expect(hosts).toEqual([
      { host: 'a', port: 1 },
      { host: 'b', port: 5432 },
      { host: '::1', port: 3 },
    ]);
    expect(target).toBe('primary');
  });

  it('takes read-write for the primary, and removes target_session_attrs from the URL', () => {
    const { url, target } = parseDatabaseUrl('postgres://a,b/users?target_session_attrs=read-write');
    expect([url.search, target]).toEqual(['', 'primary']);
    expect(parseDatabaseUrl('postgres://a,b/users?target_session_attrs=any').target).toBeUndefined();
  });

  for (const [name, url, message] of [
    ['an empty host', 'postgres://user:password@a,,b/users', 'malformed list of hosts'],
    ['a port that is none', 'postgres://user:password@a,b:x/users', 'malformed list of hosts'],
    ['a target other than the primary', 'postgres://a/users?target_session_attrs=standby', 'expected one of any'],
    ['a % that is not encoded', 'postgres://100%:password@a/users', 'write % as %25'],
    ['one in a list of hosts', 'postgres://100%:password@a,b/users', 'write % as %25'],
    ['another scheme', 'mysql://a/users', 'must be a URL that starts with'],
  ] as const) {
    it(`is rejected with ${name}, without the password`, () => {
      expect(() => parseDatabaseUrl(url)).toThrow(message);
      expect(() => parseDatabaseUrl(url)).not.toThrow('password');
    });
  }
});

describe('with two hosts', () => {
  it('a service and a migration use the second one while the first one is down', async ({
    db,
    serve,
    onTestFinished,
  }) => {
    const down = await createProxy(db.url);
    onTestFinished(() => down.close());
    const url = withHosts(down.url, db.url);
    expect(await startMigrate({ DATABASE_URL: url }).ended).toMatchObject({ code: 0, stderr: '' });
    const service = await serve({ DATABASE_URL: url });
    await untilAvailable(service, 5000);
  });

  for (const fault of ['down', 'silent'] as const) {
    it.concurrent(`a migration ends with an error that names both when both are ${fault}`, { timeout: 30_000 }, async ({
      db,
      onTestFinished,
    }) => {
      const proxies = [await createProxy(db.url), await createProxy(db.url)] as const;
      for (const proxy of proxies) {
        onTestFinished(() => proxy.close());
        proxy.onConnect = 'silent';
        if (fault === 'silent') await proxy.open();
      }
      const url = withHosts(proxies[0].url, proxies[1].url);
      const { ms, result } = await timed(() => startMigrate({ DATABASE_URL: url }).ended);
      expect(result.code).toBe(1);
      for (const proxy of proxies) expect(result.stderr).toContain(new URL(proxy.url).host);
      expect(result.stderr).not.toContain(new URL(db.url).password);
      expect(ms).toBeLessThan(20_000);
    });
  }

  it.concurrent('a migration ends when the hosts come from the environment and are down', { timeout: 30_000 }, async ({
    db,
  }) => {
    const hosts = [await createProxy(db.url), await createProxy(db.url)].map(({ url }) => new URL(url).host);
    const env = { DATABASE_URL: 'postgres:///users', PGHOST: hosts.join(), PGUSER: 'postgres' };
    const { ms, result } = await timed(() => startMigrate(env).ended);
    expect(result).toMatchObject({ code: 1, stderr: expect.stringContaining('did not respond within') });
    expect(ms).toBeLessThan(20_000);
  });

  it('a service answers 503 while both are down, and heals', async ({ db, auth, serve, onTestFinished }) => {
    const proxies = [await createProxy(db.url), await createProxy(db.url)] as const;
    for (const proxy of proxies) onTestFinished(() => proxy.close());
    const env = serviceEnv({ url: withHosts(proxies[0].url, proxies[1].url) }, auth);
    const service = await serve(env);
    expect((await service.rest('/users/ada/badges')).status).toBe(503);
    await proxies[1].open();
    await untilAvailable(service, 5000);
  });
});
