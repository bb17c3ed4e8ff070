import { expect } from 'vitest';
import type { Json } from '../support/json.ts';
import type { Answer } from './send.ts';
import type { Stage } from './stage.ts';

/** What the inside of a service looks like: stacks, SQL and its parameters, addresses, tokens; no BadgeConnection. */
export const INSIDE =
  /node_modules|at .*:\d+:\d+|Failed query|params:|insert into|select .* from|postgres:\/\/|(?-i:ECONN)|eyJ[A-Za-z0-9_-]{10}/i;

const INSTANT = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/g;

/** What an attack may do beyond nothing. */
export interface Allowed {
  /** Rows that it adds to each table; by default nothing changes at all. `any` leaves that to the caller. */
  rows?: Record<string, number> | 'any';
  /** Calls of the auth-service. */
  upstream?: number;
  /** A dependency of the service is broken: it may answer 5xx and warn. */
  fault?: boolean;
  /** The service is not open to whoever asks afterwards, and shows no more than that it is ready. */
  closed?: boolean;
  /** What must show up neither in an answer nor in the log. */
  hidden?: readonly string[];
  /** What must not show up in the log. */
  unlogged?: readonly string[];
}

const uncaught: unknown[] = [];
process.on('uncaughtExceptionMonitor', (error) => uncaught.push(error));
process.on('unhandledRejection', (error) => uncaught.push(error));

/** Makes an attack, and sees to it that the service has stood it: all that must hold whatever the attack was. */
export async function underWatch(stage: Stage, allowed: Allowed, attack: () => Promise<Answer[]>): Promise<Answer[]> {
  const { service, auth } = stage;
  const before = await rowsIn(stage, allowed);
  service.logs.clear();
  auth.calls.clear();
  const answers = await attack();
  await expectIdlePool(stage);
  await expectOneLineEach(stage, answers);
  expectSoundLog(service.logs, allowed);
  for (const answer of answers) expectSoundAnswer(answer, allowed);
  expect(auth.calls.length, 'calls of the auth-service').toBeLessThanOrEqual(allowed.upstream ?? 0);
  expect(await rowsIn(stage, allowed)).toEqual(expectedRows(before, allowed));
  expectCleanProcess();
  await expectHealth(stage, allowed);
  return answers;
}

async function rowsIn({ db }: Stage, { rows }: Allowed): Promise<Record<string, unknown>> {
  if (rows === 'any') return {};
  return rows === undefined ? db.snapshot() : db.rowCounts();
}

function expectedRows(before: Record<string, unknown>, { rows }: Allowed): Record<string, unknown> {
  if (rows === undefined || rows === 'any') return before;
  return Object.fromEntries(
    Object.entries(before).map(([table, count]) => [table, Number(count) + (rows[table] ?? 0)]),
  );
}

async function expectIdlePool({ db }: Stage): Promise<void> {
  const busy = () => db.sql`
    select query from pg_stat_activity
    where datname = current_database() and application_name = 'user-service' and state <> 'idle'`;
  if ((await busy()).length > 0) await expect.poll(busy, { timeout: 3000 }).toEqual([]);
}

/** Each request has left one line, under the id that its answer tells. */
async function expectOneLineEach({ service }: Stage, answers: Answer[]): Promise<void> {
  const ids = answers.map(({ headers }) => headers['x-request-id']).sort();
  const logged = () => service.logs.filter(({ msg }) => msg === 'request').map(({ requestId }) => requestId);
  if (logged().length < ids.length) await expect.poll(() => logged().length).toBe(ids.length);
  expect(logged().sort()).toEqual(ids);
}

function expectSoundLog(lines: readonly Json[], { fault = false, hidden = [], unlogged = [] }: Allowed): void {
  for (const line of lines) {
    const { time, ...facts } = line;
    expect(Date.parse(time)).toBeGreaterThan(0);
    expect(facts.level, JSON.stringify(facts)).toMatch(fault ? /^(info|warn|error)$/ : /^info$/);
    expect(fault ? withoutStacks(facts) : JSON.stringify(facts)).not.toMatch(INSIDE);
    for (const secret of [...hidden, ...unlogged]) expect(JSON.stringify(line)).not.toContain(secret);
  }
}

/** Where a bug or a failed dependency leaves a line, it tells its place in the code. */
function withoutStacks(facts: Json): string {
  return JSON.stringify(facts, (name, value) => (name === 'stack' ? undefined : value));
}

export function expectSoundAnswer(answer: Answer, { fault = false, hidden = [] }: Allowed = {}): void {
  const { status, headers, text } = answer;
  expect(status).toBeGreaterThanOrEqual(200);
  if (!fault) expect(status, text).toBeLessThan(500);
  expect(headers['x-request-id'], text).toMatch(/^[\w.-]{1,128}$/);
  expect(text.replace(INSTANT, '')).not.toMatch(INSIDE);
  for (const secret of hidden) expect(text).not.toContain(secret);
}

export function expectCleanProcess(): void {
  expect(uncaught).toEqual([]);
  expect(Object.keys(Object.prototype)).toEqual([]);
  const anything: Json = {};
  expect([anything.polluted, anything.isAdmin]).toEqual([undefined, undefined]);
}

async function expectHealth({ service, ada }: Stage, { closed = false }: Allowed): Promise<void> {
  const ready = await service.rest('/health/ready');
  expect(ready.status).toBe(200);
  if (closed) return;
  const list = await service.rest(`/users/${ada.id}/goals?limit=1`);
  const viewer = await service.graphql('{ viewer { id } }', {}, { token: ada.token });
  expect([list.status, viewer.data?.viewer]).toEqual([200, { id: ada.id }]);
}
