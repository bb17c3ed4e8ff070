import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { createFailureTrigger } from '../../db/failure-trigger.ts';
import { BUSY_MACHINE_MS } from '../../support/busy-machine.ts';
import { badgeBody, describe, expect, it } from '../../support/fixtures.ts';
import type { HttpClient } from '../../support/http-client.ts';

/** A response; status 0 stands for a connection error. */
interface Answer {
  status: number;
  retryAfter: string | undefined;
  /** The request may have had its effect although it failed. */
  isUnknown: boolean;
}

async function answerOf(call: () => ReturnType<HttpClient['rest']>): Promise<Answer> {
  const answer = await call().catch(() => undefined);
  const { status = 0, headers, text = '' } = answer ?? {};
  return { status, retryAfter: headers?.['retry-after'], isUnknown: status === 503 && text.includes('unknown') };
}

const isSuccess = ({ status }: Answer) => status === 200;
const isRejection = ({ status, retryAfter }: Answer) => status === 503 && Number(retryAfter) > 0;
const unexpected = (answers: Answer[]) => answers.filter((answer) => !isSuccess(answer) && !isRejection(answer));

/** Returns the result of `work` and its duration in seconds. */
async function timed<Result>(work: () => Promise<Result>): Promise<[result: Result, seconds: number]> {
  const start = performance.now();
  const result = await work();
  return [result, (performance.now() - start) / 1000];
}

/** Calls again after each response for some seconds, and returns all answers (a closed workload). */
async function closedLoop(seconds: number, call: () => Promise<Answer>): Promise<Answer[]> {
  const answers: Answer[] = [];
  const end = performance.now() + seconds * 1000;
  while (performance.now() < end) answers.push(await call());
  return answers;
}

/** Sends `perSecond` requests without waiting for responses, and returns all answers (an open workload). */
async function openLoop(seconds: number, perSecond: number, call: (i: number) => Promise<Answer>): Promise<Answer[]> {
  const answers: Promise<Answer>[] = [];
  const start = performance.now();
  while (performance.now() < start + seconds * 1000) {
    const due = ((performance.now() - start) / 1000) * perSecond;
    while (answers.length < due) answers.push(call(answers.length));
    await delay(5);
  }
  return Promise.all(answers);
}

/** The time in which the service recovers, and a margin for a busy machine. */
const RECOVERY_MS = 5000 + BUSY_MACHINE_MS;

/** Resolves after three successful responses in a row. Throws after `RECOVERY_MS`. */
async function untilAvailable(service: HttpClient): Promise<void> {
  const start = performance.now();
  for (let successes = 0; successes < 3; ) {
    const { status } = await answerOf(() => service.rest('/users/ada/badges'));
    successes = status === 200 ? successes + 1 : 0;
    if (performance.now() - start > RECOVERY_MS) throw new Error(`no recovery within ${RECOVERY_MS} ms`);
    await delay(10);
  }
}

/** The least share of the capacity that succeeds under overload. */
const MIN_GOODPUT = 0.5;

describe('ten times the capacity in requests', () => {
  it('get either a success or an overload response, and health checks succeed', {
    timeout: 60_000,
  }, async ({ serveProcess, db, createUser }) => {
    const IN_FLIGHT = 20;
    const users = await Promise.all(Array.from({ length: IN_FLIGHT }, () => createUser()));
    const service = await serveProcess({ MAX_REQUESTS_IN_FLIGHT: String(IN_FLIGHT), LOG_LEVEL: 'silent' });
    await createFailureTrigger(db.sql);
    // The database limits the capacity: client and service use little of the processor, which other tests share.
    const body = badgeBody({ name: 'sleep 0.1' });
    const write = (i: number) => {
      const { id, token } = users[i % users.length] ?? { id: '', token: '' };
      return answerOf(() => service.rest(`/users/${id}/badges`, { token, body }));
    };

    const [loops, loopSeconds] = await timed(() => Promise.all(users.map((_, i) => closedLoop(2, () => write(i)))));
    const withinCapacity = loops.flat();
    expect(unexpected(withinCapacity)).toEqual([]);
    const capacity = withinCapacity.filter(isSuccess).length / loopSeconds;

    const [[answers, seconds], health] = await Promise.all([
      timed(() => openLoop(4, capacity * 10, write)),
      openLoop(4, 10, () => answerOf(() => service.rest('/health/live'))),
    ]);
    await untilAvailable(service);

    const [successes, rejected] = [answers.filter(isSuccess), answers.filter(isRejection)];
    expect(unexpected(answers)).toEqual([]);
    expect(successes.length / seconds).toBeGreaterThan(capacity * MIN_GOODPUT);
    expect(rejected.length).toBeGreaterThan(successes.length);
    expect(health.filter((answer) => !isSuccess(answer))).toEqual([]);
    const { badges } = await db.rowCounts();
    const all = [...withinCapacity, ...answers];
    expect(badges).toBeGreaterThanOrEqual(all.filter(isSuccess).length);
    expect(badges).toBeLessThanOrEqual(all.filter((answer) => isSuccess(answer) || answer.isUnknown).length);
    expect(service.stderr).toEqual([]);
  });
});

describe('a process that is stopped for two seconds', () => {
  it('responds to the requests of that time afterwards, and is available', async ({ serveProcess, createUser }) => {
    const { id, token } = await createUser();
    const service = await serveProcess();
    await untilAvailable(service);
    service.kill('SIGSTOP');
    const requests = Array.from({ length: 20 }, (_, i) =>
      answerOf(() => service.rest(`/users/${id}/badges`, i % 2 === 0 ? { token, body: badgeBody() } : {})),
    );
    const liveness = answerOf(() => service.rest('/health/live'));
    await delay(2000);
    service.kill('SIGCONT');
    expect(unexpected(await Promise.all(requests))).toEqual([]);
    expect(await liveness).toMatchObject({ status: 200 });
    await untilAvailable(service);
    expect(service.stderr).toEqual([]);
  });
});

describe('an event loop that is blocked repeatedly', () => {
  it('makes the service reject requests except health checks, until it is available again', async ({
    serveProcess,
  }) => {
    const service = await serveProcess({ NODE_OPTIONS: '--import=./test/system/faults/block-event-loop.ts' });
    await untilAvailable(service);
    service.kill('SIGALRM');
    const [answers, health] = await Promise.all([
      openLoop(6, 20, () => answerOf(() => service.rest('/users/ada/badges'))),
      openLoop(6, 5, () => answerOf(() => service.rest('/health/live'))),
    ]);
    expect(unexpected(answers)).toEqual([]);
    expect(answers.filter(isRejection).length).toBeGreaterThan(0);
    expect(health.filter((answer) => !isSuccess(answer))).toEqual([]);
    await untilAvailable(service);
  });
});

describe('a client that reads slowly', () => {
  it('gets a complete list, even after a pause of 4 s', async ({ serveProcess, db, createUser }) => {
    const BADGES = 5000;
    const { id, token } = await createUser();
    const service = await serveProcess();
    await service.rest(`/users/${id}/badges`, { token, body: badgeBody() });
    await db.sql`
      insert into badges (auth_user_id, name, description, icon_url, date_achieved)
      select ${id}, 'x', repeat('€', 500), repeat('€', 500), now() from generate_series(2, ${BADGES}::int)`;
    const { hostname, port } = new URL(service.url);
    const socket = connect({ host: hostname, port: Number(port) });
    let bytes = '';
    socket.on('data', (chunk) => {
      bytes += chunk.toString('latin1');
    });
    socket.write(`GET /users/${id}/badges HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`);
    await once(socket, 'data');
    socket.pause();
    await delay(4000);
    socket.resume();
    await once(socket, 'end');
    expect(bytes.startsWith('HTTP/1.1 200 OK')).toBe(true);
    expect(bytes.endsWith('\r\n0\r\n\r\n')).toBe(true);
    // A boundary of the chunked transfer coding may be at any place in the text.
    expect(bytes.replace(/\r\n[0-9a-f]+\r\n/g, '').match(/"auth_user_id"/g)).toHaveLength(BADGES);
    expect(service.stdout.filter((line) => line.includes(id))).toEqual([]);
    expect(service.stdout.filter((line) => line.includes('"warn"'))).toEqual([]);
  });
});
