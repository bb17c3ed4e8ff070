import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { letNamesMakeTrouble } from '../../db/trouble.ts';
import { badgeBody, describe, expect, it } from '../../support/fixtures.ts';
import type { HttpClient } from '../../support/http-client.ts';

interface Answer {
  status: number;
  retryAfter: string | undefined;
}

/** Status 0 where the connection broke. */
async function ask(call: () => ReturnType<HttpClient['rest']>): Promise<Answer> {
  const answer = await call().catch(() => undefined);
  return { status: answer?.status ?? 0, retryAfter: answer?.headers['retry-after'] };
}

const isGood = ({ status }: Answer) => status === 200;
const isRefusal = ({ status, retryAfter }: Answer) => status === 503 && Number(retryAfter) > 0;
const neither = (answers: Answer[]) => answers.filter((answer) => !isGood(answer) && !isRefusal(answer));

/** Sends `perSecond` requests whether or not they are answered; resolves with all answers once they are in. */
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

/** Resolves when the service answers as it should, three times in a row; it has five seconds. */
async function untilWell(service: HttpClient): Promise<void> {
  const start = performance.now();
  for (let good = 0; good < 3; ) {
    const { status } = await ask(() => service.rest('/users/ada/badges'));
    good = status === 200 ? good + 1 : 0;
    if (performance.now() - start > 5000) throw new Error('not well after 5 s');
    await delay(10);
  }
}

describe('ten times as many requests as can be served', () => {
  it('cost those that are served little: the rest is refused at once, and nothing else is harmed', {
    timeout: 60_000,
  }, async ({ serveProcess, db, createUser }) => {
    const IN_FLIGHT = 20;
    const people = await Promise.all(Array.from({ length: IN_FLIGHT }, () => createUser()));
    const service = await serveProcess({ MAX_REQUESTS_IN_FLIGHT: String(IN_FLIGHT), LOG_LEVEL: 'silent' });
    await letNamesMakeTrouble(db.sql);
    const body = badgeBody({ name: 'sleep 0.02' });
    const write = (i: number) => {
      const { id, token } = people[i % people.length] ?? { id: '', token: '' };
      return ask(() => service.rest(`/users/${id}/badges`, { token, body }));
    };

    const closedLoop = async (number: number) => {
      const answers: Answer[] = [];
      const start = performance.now();
      while (performance.now() < start + 2000) answers.push(await write(number));
      return answers;
    };
    const unhurried = (await Promise.all(people.map((_, number) => closedLoop(number)))).flat();
    expect(neither(unhurried)).toEqual([]);
    const capacity = unhurried.filter(isGood).length / 2;

    const [answers, health] = await Promise.all([
      openLoop(4, capacity * 10, write),
      openLoop(4, 10, () => ask(() => service.rest('/health/live'))),
    ]);
    await untilWell(service);

    const [good, refused] = [answers.filter(isGood), answers.filter(isRefusal)];
    expect(neither(answers)).toEqual([]);
    expect(good.length).toBeGreaterThan(0);
    expect(refused.length).toBeGreaterThan(good.length);
    expect(health.filter((answer) => !isGood(answer))).toEqual([]);
    const { badges } = await db.rowCounts();
    expect(badges).toBe(unhurried.filter(isGood).length + good.length);
    expect(service.stderr).toEqual([]);
  });
});

describe('a process that stands still for two seconds', () => {
  it('answers afterwards what came meanwhile, and is well again', async ({ serveProcess, createUser }) => {
    const { id, token } = await createUser();
    const service = await serveProcess();
    await untilWell(service);
    service.kill('SIGSTOP');
    const meanwhile = Array.from({ length: 20 }, (_, i) =>
      ask(() => service.rest(`/users/${id}/badges`, i % 2 === 0 ? { token, body: badgeBody() } : {})),
    );
    const alive = ask(() => service.rest('/health/live'));
    await delay(2000);
    service.kill('SIGCONT');
    expect(neither(await Promise.all(meanwhile))).toEqual([]);
    expect(await alive).toMatchObject({ status: 200 });
    await untilWell(service);
    expect(service.stderr).toEqual([]);
  });
});

describe('an event loop that is blocked again and again', () => {
  it('makes the service refuse requests, but not health; then it is well again', async ({ serveProcess }) => {
    const service = await serveProcess({ NODE_OPTIONS: '--import=./test/system/faults/busy.ts' });
    await untilWell(service);
    service.kill('SIGUSR2');
    const [answers, health] = await Promise.all([
      openLoop(6, 20, () => ask(() => service.rest('/users/ada/badges'))),
      openLoop(6, 5, () => ask(() => service.rest('/health/live'))),
    ]);
    expect(neither(answers)).toEqual([]);
    expect(answers.filter(isRefusal).length).toBeGreaterThan(0);
    expect(health.filter((answer) => !isGood(answer))).toEqual([]);
    await untilWell(service);
  });
});

describe('a client that reads slowly', () => {
  it('gets its list whole, however long that takes', async ({ serveProcess, db, createUser }) => {
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
    expect(bytes.match(/"auth_user_id"/g)).toHaveLength(BADGES);
    expect(service.stdout.filter((line) => line.includes(id))).toEqual([]);
    expect(service.stdout.filter((line) => line.includes('"warn"'))).toEqual([]);
  });
});
