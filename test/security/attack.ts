import { readFileSync } from 'node:fs';
import { expect } from 'vitest';
import type { Env } from '../support/app.ts';
import type { Json } from '../support/json.ts';
import type { Answer, Shot } from './send.ts';
import type { Stage } from './stage.ts';
import type { Allowed } from './watch.ts';

/** A line of attacks.jsonl. Every shot of an attack is to be met with `expect`, a shot's own laid over it. */
export interface Attack extends Allowed {
  id: string;
  cat: string;
  what: string;
  /** Why the answer is another than the usual one, or the attack another than its name. */
  note?: string;
  /** Settings of a service of its own. */
  env?: Env;
  send?: AttackShot[];
  /** The name of a builder in payloads.ts that makes the shots. */
  build?: string;
  expect: Expected;
}

export interface AttackShot extends Omit<Shot, 'token'> {
  /** Whose token goes with it. */
  as?: 'ada' | 'eve';
  token?: string;
  times?: number;
  /** Shots of one such name are answered alike. */
  alike?: string;
  expect?: Expected;
}

export interface Expected {
  /** Any of a list will do. */
  status?: number | number[];
  /** REST's `code`; of GraphQL the one code of all errors. */
  code?: string | string[];
  headers?: Record<string, string>;
  /** What the body holds among other things; null is just null. */
  body?: Json;
  /** How many answers come back on a connection of its own: one by default. */
  answers?: number;
  maxErrors?: number;
  maxBytes?: number;
  withinMs?: number;
}

/** What a builder makes: the shots, and the stage for them where it is not the usual one. */
export interface Plan {
  shots: AttackShot[];
  stage?: Stage;
  rows?: Record<string, number>;
  upstream?: number;
  /** What else is to be found when all have been made. */
  afterwards?: () => unknown;
  cleanUp?: () => unknown;
}

export type Builder = (stage: Stage) => Plan | Promise<Plan>;

const WITHIN_MS = 2000;

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

/** The kinds of refusal that an answer tells, each once. */
export function codesIn(body: Json): string[] {
  if (typeof body?.code === 'string') return [body.code];
  return [...new Set<string>((body?.errors ?? []).map(({ extensions }: Json) => extensions?.code))];
}

/** Shots of one name have been answered with the same status, header names and body. */
export function expectAlike(groups: Map<string, Answer[]>): void {
  for (const [name, answers] of groups) {
    const faces = answers.map(faceOf);
    for (const face of faces) expect(face, name).toEqual(faces[0]);
  }
}

function faceOf({ status, headers, body }: Answer) {
  const { request_id: _, ...told } = Array.isArray(body) ? { list: body } : body;
  return { status, headers: Object.keys(headers).sort(), body: told };
}
