import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { readConfig } from '../../../src/config.ts';
import { serviceEnv } from '../../support/app.ts';
import { it as base, describe, expect } from '../../support/fixtures.ts';
import { createHttpClient } from '../../support/http-client.ts';
import { findTestPort } from '../../support/ports.ts';

/** Debian's package installs the program here, which is not in the PATH of every user. */
const PATH = `${process.env.PATH}:/usr/sbin`;
const withoutHaproxy = spawnSync('haproxy', ['-v'], { env: { PATH } }).status !== 0;

const [, backend = ''] = /^```haproxy\n(.*?)^```/ms.exec(await readFile('docs/DEPLOYMENT.md', 'utf8')) ?? [];

/** Starts HAProxy with the backend of the document, of which only the addresses differ. */
const it = base.extend('startHaproxy', async ({}, { onCleanup }) => {
  const started: { process: ChildProcess; directory: string }[] = [];
  onCleanup(async () => {
    for (const { process, directory } of started) {
      const ended = once(process, 'exit');
      process.kill('SIGKILL');
      await ended;
      await rm(directory, { recursive: true });
    }
  });
  return async (urls: readonly string[]) => {
    const directory = await mkdtemp(join(tmpdir(), 'user-service-haproxy-'));
    const port = await findTestPort();
    const left = urls.map((url) => new URL(url).host);
    const text = `defaults
  mode http
  timeout connect 1s
  timeout client 30s
  timeout server 30s
frontend clients
  bind 127.0.0.1:${port}
  default_backend user-service
${backend.replaceAll(/10\.0\.0\.\d:4002/g, () => left.shift() ?? '')}`;
    await writeFile(join(directory, 'haproxy.cfg'), text);
    const process = spawn('haproxy', ['-db', '-f', join(directory, 'haproxy.cfg')], { env: { PATH }, stdio: 'ignore' });
    started.push({ process, directory });
    const client = createHttpClient(`http://127.0.0.1:${port}`);
    const status = () =>
      client.rest('/health/live').then(
        (response) => response.status,
        () => 0,
      );
    await expect.poll(status).toBe(200);
    return client;
  };
});

describe('the configuration of HAProxy in docs/DEPLOYMENT.md', () => {
  it('detects a failed readiness in less than the default of DRAIN_SECONDS', async ({ auth, db }) => {
    const [, inter, fall] = /^ +default-server check inter (\d+)s fall (\d+)$/m.exec(backend) ?? [];
    const { drainSeconds } = readConfig(serviceEnv(db, auth, { NODE_ENV: 'production' }));
    expect(Number(inter) * Number(fall)).toBeLessThan(drainSeconds);
  });

  it.skipIf(withoutHaproxy)(
    'loses no request in a rolling restart',
    { timeout: 60_000 },
    async ({ serveProcess, startHaproxy }) => {
      const env = { NODE_ENV: 'production' };
      const [first, second] = [await serveProcess(env), await serveProcess(env)];
      const client = await startHaproxy([first.url, second.url]);
      let isOver = false;
      const requests = (async () => {
        const statuses = new Set<number>();
        while (!isOver) {
          const { status } = await client.graphql('{ __typename }').catch(() => ({ status: 0 }));
          statuses.add(status);
          await delay(5);
        }
        return statuses;
      })();
      first.kill();
      expect(await first.exit).toEqual({ code: 0, signal: null });
      await delay(500);
      isOver = true;
      expect(await requests).toEqual(new Set([200]));
      client.disconnect();
    },
  );
});
