import { expect } from 'vitest';
import type { AuthService } from '../support/auth-service.ts';
import type { Json } from '../support/json.ts';
import type { Answer } from './send.ts';
import type { Target } from './target.ts';

/**
 * Internals that must not leak: stack traces, SQL and its parameters, addresses, tokens. ECONN is matched
 * case-sensitively.
 */
export const INTERNALS =
  /node_modules|at .*:\d+:\d+|Failed query|params:|insert into|select .* from|postgres:\/\/|(?-i:ECONN)|eyJ[A-Za-z0-9_-]{10}/i;

/** The SDL as a JSON string: its descriptions contain words of SQL. */
const SDL = /"(?:[^"\\]|\\.)*directive @link\((?:[^"\\]|\\.)*"/g;
const INSTANT = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/g;

/** The permitted effects of an attack; none by default. */
export interface AllowedEffects {
  /** The number of rows added to each table; by default no row changes. `any` skips the check. */
  rows?: Record<string, number> | 'any';
  /** The maximum number of calls to the auth-service. */
  upstream?: number;
  /**
   * The maximum number of log lines for requests whose responses are not read, or not checked. 21 more are permitted
   * for each second of the attack.
   */
  otherLines?: number;
  /** A dependency fails: 5xx responses and warnings are permitted. */
  fault?: boolean;
  /** The service rejects ordinary requests afterwards: only its readiness is checked. */
  closed?: boolean;
  /** Texts that must appear neither in responses nor in the log. */
  hidden?: readonly string[];
  /** Texts that must not appear in the log. */
  unlogged?: readonly string[];
}

/** Less than the age at which a service refreshes the JWKS, because the first call is not observed. */
const REFRESH_AFTER_MS = 9 * 60_000;
/** Lines of requests that are not valid HTTP: twenty and a summary in each second. */
const LINES_PER_SECOND = 21;
const jwksCalledAt = new WeakMap<AuthService, number>();

const uncaught: unknown[] = [];
process.on('uncaughtExceptionMonitor', (error) => uncaught.push(error));
process.on('unhandledRejection', (error) => uncaught.push(error));

/** Runs the attack and expects the invariants that hold after every attack, except for the permitted effects. */
export async function expectInvariants(
  target: Target,
  allowed: AllowedEffects,
  attack: () => Promise<Answer[]>,
): Promise<Answer[]> {
  const { service, auth } = target;
  const before = await rowsIn(target, allowed);
  service.logs.clear();
  auth.calls.clear();
  const startedAt = performance.now();
  const answers = await attack();
  await expectIdlePool(target);
  const seconds = Math.floor((performance.now() - startedAt) / 1000);
  const { otherLines = 0 } = allowed;
  await expectOneLineEach(target, answers, otherLines && otherLines + seconds * LINES_PER_SECOND);
  expectCleanLog(service.logs, allowed);
  for (const answer of answers) expectCleanAnswer(answer, allowed);
  const calls = (allowed.upstream ?? 0) + countRefreshes(auth);
  expect(auth.calls.length, 'calls of the auth-service').toBeLessThanOrEqual(calls);
  expect(await rowsIn(target, allowed)).toEqual(expectedRows(before, allowed));
  expectCleanProcess();
  await expectHealth(target, allowed);
  return answers;
}

/** Returns how many of the calls may refresh the JWKS: one, when the last ones are ten minutes ago. */
function countRefreshes(auth: AuthService): number {
  const now = performance.now();
  const latest = jwksCalledAt.get(auth);
  if (latest === undefined || auth.callsTo('jwks').length > 0) jwksCalledAt.set(auth, now);
  return latest !== undefined && now - latest > REFRESH_AFTER_MS ? 1 : 0;
}

async function rowsIn({ db }: Target, { rows }: AllowedEffects): Promise<Record<string, unknown>> {
  if (rows === 'any') return {};
  return rows === undefined ? db.snapshot() : db.rowCounts();
}

function expectedRows(before: Record<string, unknown>, { rows }: AllowedEffects): Record<string, unknown> {
  if (rows === undefined || rows === 'any') return before;
  return Object.fromEntries(
    Object.entries(before).map(([table, count]) => [table, Number(count) + (rows[table] ?? 0)]),
  );
}

async function expectIdlePool({ db }: Target): Promise<void> {
  const activeSessions = () => db.sql`
    select query from pg_stat_activity
    where datname = current_database() and application_name = 'user-service' and state <> 'idle'`;
  if ((await activeSessions()).length > 0) await expect.poll(activeSessions).toEqual([]);
}

/** Expects one log line per response, with its request id, and no more lines than `otherLines`. */
async function expectOneLineEach({ service }: Target, answers: Answer[], otherLines: number): Promise<void> {
  const ids = answers.map(({ headers }) => headers['x-request-id']).sort();
  const logged = () => service.logs.filter(({ msg }) => msg === 'request').map(({ requestId }) => requestId);
  const loggedAnswers = () => (otherLines === 0 ? logged() : logged().filter((id) => ids.includes(id)));
  if (loggedAnswers().length < ids.length) await expect.poll(() => loggedAnswers().length).toBe(ids.length);
  expect(loggedAnswers().sort()).toEqual(ids);
  if (otherLines > 0) expect(service.logs.length).toBeLessThanOrEqual(ids.length + otherLines);
}

function expectCleanLog(lines: readonly Json[], { fault = false, hidden = [], unlogged = [] }: AllowedEffects): void {
  for (const line of lines) {
    const { time, ...facts } = line;
    expect(Date.parse(time)).toBeGreaterThan(0);
    expect(facts.level, JSON.stringify(facts)).toMatch(fault ? /^(debug|info|warn|error)$/ : /^(debug|info)$/);
    expect(fault ? withoutStacks(facts) : JSON.stringify(facts)).not.toMatch(INTERNALS);
    for (const secret of [...hidden, ...unlogged]) expect(JSON.stringify(line)).not.toContain(secret);
  }
}

/** Removes stack traces, which the lines of errors have. */
function withoutStacks(facts: Json): string {
  return JSON.stringify(facts, (name, value) => (name === 'stack' ? undefined : value));
}

function expectCleanAnswer(answer: Answer, { fault = false, hidden = [] }: AllowedEffects = {}): void {
  const { status, headers, text } = answer;
  expect(status).toBeGreaterThanOrEqual(200);
  if (!fault) expect(status, text).toBeLessThan(500);
  expect(headers['x-request-id'], text).toMatch(/^[\w.-]{1,128}$/);
  expect(text.replace(SDL, '').replace(INSTANT, '')).not.toMatch(INTERNALS);
  for (const secret of hidden) expect(text).not.toContain(secret);
}

function expectCleanProcess(): void {
  expect(uncaught).toEqual([]);
  expect(Object.keys(Object.prototype)).toEqual([]);
  const empty: Json = {};
  expect([empty.polluted, empty.isAdmin]).toEqual([undefined, undefined]);
}

/** After a flood, a slow machine may still have work for which the service rejects requests. */
async function expectHealth({ service, ada }: Target, allowed: AllowedEffects): Promise<void> {
  const { closed = false, fault = false } = allowed;
  const ready = await service.rest('/health/ready');
  expect(ready.status).toBe(200);
  if (closed) return;
  const read = async () => {
    const list = await service.rest(`/users/${ada.id}/goals?limit=1`);
    const viewer = await service.graphql('{ viewer { id } }', {}, { token: ada.token });
    return [list.status, viewer.data?.viewer];
  };
  const expected = [200, { id: ada.id }];
  if (fault) await expect.poll(read).toEqual(expected);
  else expect(await read()).toEqual(expected);
}
