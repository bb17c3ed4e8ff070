import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { closeSync, existsSync, openSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { slow } from '../../support/faults.ts';
import { badgeBody, badgeInput, describe, expect, it } from '../../support/fixtures.ts';
import { type Json, parseJson } from '../../support/json.ts';
import type { ServiceProcess } from '../../support/process.ts';

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

const linesOf = ({ stdout }: ServiceProcess): Json[] => stdout.map((line) => parseJson(line, line));
const requestsIn = (lines: Json[]) => lines.filter(({ msg }) => msg === 'request');

describe('the log of a process', () => {
  it('names a variable that looks misspelled', async ({ serve }) => {
    const { logs } = await serve({ GATEWAY_SECRETS: 'hidden' });
    expect(logs.filter(({ msg }) => msg === 'unknown variable')).toMatchObject([
      { level: 'warn', name: 'GATEWAY_SECRETS', similar: 'GATEWAY_SECRET' },
    ]);
    expect(JSON.stringify(logs)).not.toContain('hidden');
  });

  it('has one line of JSON per request, with its id, route, status and time', async ({ serveProcess, createUser }) => {
    const ada = await createUser();
    const service = await serveProcess();
    const answers = [
      await service.rest(`/users/${ada.id}`),
      await service.rest(`/users/${ada.id}/badges`, { token: ada.token, body: badgeBody() }),
      await service.rest('/users/me'),
      await service.rest('/users/me', { method: 'PATCH' }),
      await service.rest('/no/such/thing'),
      await service.rest('/users/%'),
      await service.rest(`/users/${ada.id}/badges`, { token: ada.token, body: '{"name":' }),
      await service.graphql('{ viewer { id } }', {}, { token: ada.token }),
    ];
    await expect.poll(() => requestsIn(linesOf(service)).length).toBeGreaterThanOrEqual(answers.length);
    const lines = linesOf(service);
    expect(lines.every((line) => typeof line === 'object')).toBe(true);
    expect(requestsIn(lines).map(({ method, route, status }) => [method, route, status])).toEqual([
      ['GET', '/users/:auth_user_id', 200],
      ['POST', '/users/:auth_user_id/badges', 200],
      ['GET', '/users/me', 401],
      ['PATCH', '/users/me', 405],
      ['GET', null, 404],
      ['GET', null, 400],
      ['POST', '/users/:auth_user_id/badges', 400],
      ['POST', '/graphql', 200],
    ]);
    expect(requestsIn(lines).map(({ requestId }) => requestId)).toEqual(
      answers.map(({ headers }) => headers['x-request-id']),
    );
    for (const line of requestsIn(lines)) {
      expect(line).toMatchObject({
        level: 'info',
        time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
        requestId: expect.stringMatching(uuid),
        ms: expect.any(Number),
      });
    }
  });

  it('has no tokens, e-mails, user ids, bodies or URLs, even for errors', async ({
    serveProcess,
    createUser,
    auth,
    db,
  }) => {
    const ada = await createUser({ email: 'ada@private.example.org' });
    const service = await serveProcess({ AUTH_SERVICE_TOKEN: 'token-of-the-service', LOG_LEVEL: 'trace' });
    const { id, token } = ada;
    const create = 'mutation($input: CreateBadgeInput!) { createBadge(input: $input) { badge { id } } }';
    const input = { name: 'private-value' };
    await service.rest('/users/me', { token });
    await service.rest(`/users/${id}/badges?secret=private-value`, { token, body: badgeBody(input) });
    await service.graphql(create, { input: badgeInput(input) }, { token });
    await service.graphql('{ private-value', {}, { token: `${token}private-value` });
    await service.rest(`/private-value?token=${token}`, { headers: { cookie: 'session=private-value' } });
    await service.rest(`/users/${id}/badges`, { token, body: badgeBody({ name: 'private-value\u0000' }) });
    await service.graphql(create, { input: badgeInput({ name: 'private-value\ud800' }) }, { token });
    auth.fail('graphql', 'wrong-id');
    await service.rest('/users/me', { token });
    await db.sql`
      create function break_badges() returns trigger language plpgsql as
      $$ begin raise exception 'private-value %', new.name using errcode = 'XX000'; end $$`;
    await db.sql`create trigger break_badges before insert on badges for each row execute function break_badges()`;
    const broken = await service.rest(`/users/${id}/badges`, { token, body: badgeBody(input) });
    const brokenMutation = await service.graphql(create, { input: badgeInput(input) }, { token });
    await db.sql`drop function break_badges cascade`;

    expect(broken).toMatchObject({ status: 500, body: { detail: 'Internal server error', code: 'INTERNAL' } });
    expect(brokenMutation.errors?.[0]).toMatchObject({
      message: 'Internal server error',
      extensions: { code: 'INTERNAL' },
    });
    const failures = () => linesOf(service).filter(({ level }) => level === 'error');
    await expect.poll(failures).toHaveLength(2);
    expect(failures().map(({ requestId }) => requestId)).toEqual([
      broken.body.request_id,
      brokenMutation.errors?.[0].extensions.requestId,
    ]);
    expect(JSON.stringify(failures())).toContain('XX000');
    const log = service.stdout.join('\n');
    const signature = token.split('.')[2] ?? '';
    for (const secret of ['private-value', ada.email, id, signature, 'token-of-the-service', 'insert into']) {
      expect(log).not.toContain(secret);
    }
    expect(log).not.toMatch(/eyJ[A-Za-z0-9_-]{10}/);
    expect(log).not.toContain(createHash('sha256').update(token).digest('base64'));
    expect(service.stderr).toEqual([]);
  });

  it('cannot be forged by line feeds or JSON in requests', async ({ serveProcess }) => {
    const service = await serveProcess();
    const forged = '%0d%0a{"level":"fatal","msg":"forged"}';
    await service.rest(`/users/${forged}/badges?x=${forged}`);
    await service.rest('/users/ada', {
      headers: { 'user-agent': '{"level":"fatal"}', 'x-request-id': '{"forged":1}' },
    });
    await service.graphql('query named { viewer { id } }', {}, { token: '\\n{"level":"fatal"}' });
    await expect.poll(() => requestsIn(linesOf(service)).length).toBe(3);
    expect(linesOf(service).filter(({ level }) => level === 'fatal')).toEqual([]);
    expect(service.stdout.join('\n')).not.toContain('forged');
  });

  it('has all lines up to a fatal one, even if the process is killed right after it', { timeout: 90_000 }, () => {
    const script = `
      import { pbkdf2 } from 'node:crypto';
      import { createLogger } from './src/http/logger.ts';
      const logger = await createLogger('info');
      for (let thread = 0; thread < 4; thread++) pbkdf2('', '', 1e9, 64, 'sha512', () => {});
      logger.info('the first');
      logger.fatal('the last');
      process.kill(process.pid, 'SIGKILL');`;
    const { stdout } = spawnSync(process.execPath, ['--input-type=module', '--eval', script], { encoding: 'utf8' });
    const lines = stdout.split('\n').filter((line) => line !== '');
    expect(lines.map((line) => JSON.parse(line).msg)).toEqual(['the first', 'the last']);
  });

  it('buffers a limited number of lines for a stalled reader, and counts and reports those that it dropped', {
    timeout: 90_000,
  }, async ({ onTestFinished }) => {
    const written = 200_000;
    const script = `
      import { createLogger } from './src/http/logger.ts';
      let drops = 0;
      const logger = await createLogger('info', { onDrop: () => drops++ });
      for (let n = 1; n <= ${written}; n++) logger.info({ n }, 'x'.repeat(50));
      setTimeout(() => process.stderr.write(String(drops)), 200);
      process.stdin.once('end', () => process.exit()).resume();`;
    const child = spawn(process.execPath, ['--input-type=module', '--eval', script]);
    onTestFinished(() => void child.kill('SIGKILL'));
    const [drops] = await once(child.stderr, 'data');
    const lines: Json[] = [];
    for await (const line of createInterface(child.stdout)) {
      lines.push(parseJson(line, line));
      if (lines.at(-1)?.level === 'warn') child.stdin.end();
    }
    const dropped = lines.find(({ level }) => level === 'warn')?.lines;
    expect(dropped).toBeGreaterThan(written / 2);
    expect(String(drops)).toBe(String(dropped));
    expect(lines).toHaveLength(written - dropped + 1);
  });

  describe.runIf(existsSync('/dev/full'))('on a full disk', { timeout: 90_000 }, () => {
    const MANY_LINES = `for (let n = 1; n <= 10; n++) {
      logger.info({ n }, 'x'.repeat(5000));
      await delay(50);
    }`;

    it.for([
      ['many lines and a fatal one', `${MANY_LINES} logger.fatal('the last');`],
      ['a fatal line first', "logger.fatal('the first');"],
      ['a line just before the exit', "logger.info('the last');"],
    ] as const)('is lost, and the process continues and exits: %s', ([, statements]) => {
      const script = `
        import { setTimeout as delay } from 'node:timers/promises';
        import { createLogger } from './src/http/logger.ts';
        const logger = await createLogger('info');
        ${statements}
        process.exit();`;
      const full = openSync('/dev/full', 'w');
      const { status, stderr } = spawnSync(process.execPath, ['--input-type=module', '--eval', script], {
        encoding: 'utf8',
        stdio: ['ignore', full, 'pipe'],
        timeout: 60_000,
      });
      closeSync(full);
      expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    });
  });

  it('is empty with LOG_LEVEL=silent', async ({ serveProcess }) => {
    const service = await serveProcess({ LOG_LEVEL: 'silent' });
    await service.rest('/users/ada/badges');
    service.kill('SIGTERM');
    await service.exit;
    expect(service.stdout).toEqual([]);
  });
});

describe('the request id', () => {
  it('is the client’s when it is valid, in the response, the error and the log', async ({ service }) => {
    service.logs.clear();
    for (const given of ['trace-1.a_B', 'x'.repeat(128), '4bf92f3577b34da6a3ce929d0e0e4736']) {
      const { headers, body } = await service.rest('/users/me', { headers: { 'x-request-id': given } });
      expect([headers['x-request-id'], body.request_id]).toEqual([given, given]);
      expect(service.logs.at(-1).requestId).toBe(given);
    }
  });

  it('is generated when the client’s is invalid or missing', async ({ service }) => {
    const invalid = ['', 'a b', '<script>', 'x'.repeat(129), '"', 'é', ['one', 'two'], undefined];
    const ids: unknown[] = [];
    for (const given of invalid) {
      const { headers } = await service.rest('/users/me', { headers: { 'x-request-id': given } });
      expect(headers['x-request-id']).toMatch(uuid);
      ids.push(headers['x-request-id']);
    }
    expect(new Set(ids).size).toBe(invalid.length);
  });
});

const labelsOf = (method: string, route: string) =>
  `http_request_method="${method}",http_route="${route}",http_response_status_code="200"`;

describe('/metrics', () => {
  it('has the durations of requests by method, route and status, and metrics of the process', async ({
    serve,
    createUser,
  }) => {
    const service = await serve();
    const { id, token } = await createUser();
    await service.rest(`/users/${id}/badges`, { token, body: badgeBody() });
    for (let i = 0; i < 3; i++) await service.rest(`/users/${id}/badges`);
    const { status, headers, text } = await service.rest('/metrics');
    expect({ status, type: headers['content-type'] }).toEqual({
      status: 200,
      type: expect.stringMatching(/^text\/plain/),
    });
    expect(text).toContain('# TYPE http_server_request_duration_seconds histogram');
    const count = (method: string) =>
      `http_server_request_duration_seconds_count{${labelsOf(method, '/users/:auth_user_id/badges')}}`;
    expect(text).toContain(`${count('POST')} 1\n`);
    expect(text).toContain(`${count('GET')} 3\n`);
    expect(text).toMatch(/^process_resident_memory_bytes \d+/m);
    expect(text).toMatch(/^nodejs_eventloop_lag_p99_seconds /m);
  });

  it('measures the duration of a request', async ({ serve, auth, createUser }) => {
    const { id } = await createUser();
    const service = await serve();
    auth.fail('graphql', slow(300), { times: 1 });
    const start = performance.now();
    await service.rest(`/users/${id}`);
    const seconds = (performance.now() - start) / 1000;
    const { text } = await service.rest('/metrics');
    const labels = labelsOf('GET', '/users/:auth_user_id');
    expect(text).toContain(`http_server_request_duration_seconds_bucket{le="0.25",${labels}} 0`);
    expect(text).toContain(`http_server_request_duration_seconds_count{${labels}} 1`);
    const sum = /^http_server_request_duration_seconds_sum\{http_request_method="GET".* (\S+)$/m.exec(text)?.[1];
    expect(Number(sum)).toBeGreaterThan(0.29);
    expect(Number(sum)).toBeLessThan(seconds);
  });

  it('has a bounded number of series for any paths that clients send', async ({ serve }) => {
    const service = await serve();
    const series = async () => (await service.rest('/metrics')).text.match(/^http_/gm)?.length;
    await service.rest('/users/ada/badges');
    await service.rest('/nothing');
    await service.rest('/users/%');
    await series();
    const before = await series();
    for (let i = 0; i < 50; i++) {
      await service.rest(`/users/user-${i}/badges`);
      await service.rest(`/nothing/${i}?x=${i}`);
      await service.rest(`/users/%${i}%`);
    }
    expect(await series()).toBe(before);
  });
});
