import { readFileSync } from 'node:fs';
import { expect } from 'vitest';
import type { Env } from '../support/app.ts';
import { BUSY_MACHINE_MS } from '../support/busy-machine.ts';
import type { Json } from '../support/json.ts';
import type { Flood } from './flood.ts';
import type { AllowedEffects } from './invariants.ts';
import type { Answer, RequestOptions } from './send.ts';
import type { Target } from './target.ts';

/** A line of attacks.jsonl. `expect` applies to every request; the `expect` of a request overrides it. */
export interface Attack extends AllowedEffects {
  id: string;
  cat: string;
  name: string;
  /** The reason for an unusual response or payload. */
  note?: string;
  /** Runs the attack on a separate service with these settings. */
  env?: Env;
  send?: AttackRequest[];
  /** Many connections, during which another client sends the requests. */
  flood?: Flood;
  /** The name of a builder in payloads.ts that creates the requests. */
  build?: string;
  expect: Expected;
}

export interface AttackRequest extends Omit<RequestOptions, 'token'> {
  /** Sends the token of this user. */
  as?: 'ada' | 'eve' | 'manager' | 'tracker';
  token?: string;
  times?: number;
  /** Requests with the same name here get equal responses. */
  alike?: string;
  expect?: Expected;
}

export interface Expected {
  /** One status, or a list of accepted ones. */
  status?: number | number[];
  /** `code` in REST, the code of all errors in GraphQL. */
  code?: string | string[];
  headers?: Record<string, string>;
  /** Matched as a subset of the body; null matches null only. */
  body?: Json;
  /** The number of responses to `raw`; one by default. */
  answers?: number;
  maxErrors?: number;
  maxBytes?: number;
  withinMs?: number;
}

/** The result of a builder: requests, and their target unless it is the default one. */
export interface Plan {
  requests: AttackRequest[];
  target?: Target;
  rows?: Record<string, number>;
  upstream?: number;
  /** Additional checks after the requests. */
  afterwards?: () => unknown;
  cleanUp?: () => unknown;
}

export type Builder = (target: Target) => Plan | Promise<Plan>;

/** Default time limit of a response: that of invalid input. */
const WITHIN_MS = 2000 + BUSY_MACHINE_MS;

export function readAttacks(file: URL): Attack[] {
  const lines = readFileSync(file, 'utf8').split('\n');
  return lines.filter((line) => line.trim() !== '').map((line) => JSON.parse(line) as Attack);
}

export function expectAnswers(answers: Answer[], expected: Expected): void {
  expect(answers).toHaveLength(expected.answers ?? 1);
  for (const answer of answers) expectAnswer(answer, expected);
}

function expectAnswer({ status, headers, body, text, ms }: Answer, expected: Expected): void {
  const seen = `${status} ${text.slice(0, 500)}`;
  if (expected.status !== undefined) expect([expected.status].flat(), seen).toContain(status);
  if (expected.code !== undefined) expect(codesIn(body), seen).toEqual([expected.code].flat());
  if (expected.headers !== undefined) expect(headers).toMatchObject(expected.headers);
  if (expected.body !== undefined) expect({ body }).toMatchObject({ body: expected.body });
  expect(body?.errors?.length ?? 0).toBeLessThanOrEqual(expected.maxErrors ?? Infinity);
  expect(text.length).toBeLessThanOrEqual(expected.maxBytes ?? Infinity);
  expect(ms).toBeLessThan(expected.withinMs ?? WITHIN_MS);
}

/** Returns the distinct error codes of a response. */
export function codesIn(body: Json): string[] {
  if (typeof body?.code === 'string') return [body.code];
  return [...new Set<string>((body?.errors ?? []).map(({ extensions }: Json) => extensions?.code))];
}

/** Expects equal status, header names and bodies within each group. */
export function expectEqualResponses(groups: Map<string, Answer[]>): void {
  for (const [name, answers] of groups) {
    const comparable = answers.map(comparableOf);
    for (const one of comparable) expect(one, name).toEqual(comparable[0]);
  }
}

function comparableOf({ status, headers, body }: Answer) {
  const withoutId = (name: string, value: unknown) => (/^request_?id$/i.test(name) ? undefined : value);
  return { status, headers: Object.keys(headers).sort(), body: JSON.stringify(body, withoutId) };
}
