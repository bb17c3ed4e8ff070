import fc from 'fast-check';
import { Kind, parse, type SelectionSetNode } from 'graphql';
import { expect } from 'vitest';
import type { TestDatabase } from '../../support/database.ts';
import type { Json } from '../../support/json.ts';
import { type Answer, type Shot, send } from '../send.ts';
import type { Stage } from '../stage.ts';
import { underWatch } from '../watch.ts';

/** The same values in every run; a failure prints the seed and the path to its value. */
const SEED = Number(process.env.FC_SEED ?? 20_260_301);
/** 10 is a longer look. */
const SCALE = Number(process.env.FC_SCALE ?? 1);
const AT_MOST_MS = 15_000;
const WITHIN_MS = 2000;

export interface Property<Value> {
  values: fc.Arbitrary<Value>;
  runs: number;
  /** The most calls of the auth-service: for each run, and beyond that in all. */
  calls?: { each?: number; inAll?: number };
}

/** One request; when it is refused, no row has changed. */
export type Ask = (shot: Shot) => Promise<Answer>;

/** Tries many values. Whatever they are, nothing is the service's fault, slow, or leaks, and a refusal does nothing. */
export async function holds<Value>(
  stage: Stage,
  { values, runs, calls: { each = 0, inAll = 0 } = {} }: Property<Value>,
  property: (value: Value, ask: Ask) => Promise<void>,
): Promise<void> {
  const fingerprint = await fingerprintOf(stage.db);
  await underWatch(stage, { rows: 'any', upstream: each * runs * SCALE + inAll }, async () => {
    const answers: Answer[] = [];
    let before: string | undefined;
    const ask: Ask = async (shot) => {
      const writes = mayWrite(shot);
      if (writes) before ??= await fingerprint();
      const answer = await sendOne(stage, shot);
      answers.push(answer);
      if (writes && isRefusal(shot, answer)) expect(await fingerprint()).toBe(before);
      else if (writes) before = undefined;
      return answer;
    };
    const run = async (value: Value) => {
      try {
        await property(value, ask);
      } catch (error) {
        before = undefined;
        throw error;
      }
      const after = await fingerprint();
      expect(after).toBe(before ?? after);
      before = after;
    };
    const plugins = [fc.interruptAfterTimeLimit(AT_MOST_MS * SCALE)];
    await fc.assert(fc.asyncProperty(values, run), { seed: SEED, numRuns: runs * SCALE, plugins });
    return answers;
  });
}

async function sendOne({ service }: Stage, shot: Shot): Promise<Answer> {
  const [answer] = await send(service, shot);
  if (answer === undefined) throw new Error('there was no answer');
  expect(answer.status, answer.text).toBeLessThan(500);
  expect(answer.ms).toBeLessThan(WITHIN_MS);
  return answer;
}

function mayWrite({ method = 'GET', graphql, path, body, base64 }: Shot): boolean {
  if (graphql !== undefined) return graphql.includes('mutation');
  return path === undefined || method !== 'GET' || (body ?? base64) !== undefined;
}

/** Whether nothing can have been done: of several mutations, those before the one that failed were carried out. */
function isRefusal({ graphql }: Shot, { status, body }: Answer): boolean {
  if (status >= 400) return true;
  const errors: Json[] = body?.errors ?? [];
  const failed = errors.length > 0 && errors.every(({ path = [] }) => path.length < 2);
  return failed && (graphql === undefined || rootFields(graphql) < 2);
}

function rootFields(text: string): number {
  const { definitions } = parse(text);
  const fieldsOf = (set: SelectionSetNode | undefined): number =>
    (set?.selections ?? []).reduce((sum, node) => {
      if (node.kind === Kind.FIELD) return sum + Number(node.name.value !== '__typename');
      if (node.kind === Kind.INLINE_FRAGMENT) return sum + fieldsOf(node.selectionSet);
      const spread = definitions.find(
        (one) => one.kind === Kind.FRAGMENT_DEFINITION && one.name.value === node.name.value,
      );
      return sum + fieldsOf(spread?.kind === Kind.FRAGMENT_DEFINITION ? spread.selectionSet : undefined);
    }, 0);
  const operation = definitions.find((one) => one.kind === Kind.OPERATION_DEFINITION);
  return fieldsOf(operation?.selectionSet);
}

/** Tells whether any row of any table has changed. */
async function fingerprintOf({ sql }: TestDatabase): Promise<() => Promise<string>> {
  const tables = await sql<{ name: string }[]>`
    select table_name as name from information_schema.tables
    where table_schema = 'public' and table_type = 'BASE TABLE' order by 1`;
  const rows = tables.map(({ name }) => `select '${name}' || t::text as row from "${name}" t`).join(' union all ');
  return async () => {
    const [only] = await sql.unsafe(`select md5(string_agg(row, ',' order by row)) as hash from (${rows}) all_rows`);
    return String(only?.hash);
  };
}
