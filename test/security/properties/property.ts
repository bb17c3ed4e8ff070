import fc from 'fast-check';
import { Kind, parse, type SelectionSetNode } from 'graphql';
import { expect } from 'vitest';
import { BUSY_MACHINE_MS } from '../../support/busy-machine.ts';
import type { TestDatabase } from '../../support/database.ts';
import type { Json } from '../../support/json.ts';
import { expectInvariants } from '../invariants.ts';
import { type Answer, type RequestOptions, send } from '../send.ts';
import type { Target } from '../target.ts';

/** Fixed for reproducible runs. A failure prints the seed and the path to its counterexample. */
const SEED = Number(process.env.FC_SEED ?? 20_260_301);
/** Multiplies the number of runs and the time limit. */
const SCALE = Number(process.env.FC_SCALE ?? 1);
/** Time limit of all runs, below that of a test: a property with fewer runs fails, and prints its seed. */
const MAX_TOTAL_MS = 45_000;
const MAX_RESPONSE_MS = 3000 + BUSY_MACHINE_MS;

interface Property<Value> {
  values: fc.Arbitrary<Value>;
  runs: number;
  /** The maximum number of calls to the auth-service: per run, and in addition for all runs. */
  upstreamCalls?: { perRun?: number; total?: number };
}

/** Sends a request, and expects that a rejected one changes no row. */
export type SendRequest = (options: RequestOptions) => Promise<Answer>;

/**
 * Checks the property and the invariants for many values: no 5xx, no slow response, no leak, no change by a rejection.
 */
export async function assertProperty<Value>(
  target: Target,
  { values, runs, upstreamCalls: { perRun = 0, total = 0 } = {} }: Property<Value>,
  property: (value: Value, request: SendRequest) => Promise<void>,
): Promise<void> {
  const fingerprint = await fingerprintOf(target.db);
  await expectInvariants(target, { rows: 'any', upstream: perRun * runs * SCALE + total }, async () => {
    const answers: Answer[] = [];
    let before: string | undefined;
    const request: SendRequest = async (options) => {
      const writes = mayWrite(options);
      if (writes) before ??= await fingerprint();
      const answer = await sendOne(target, options);
      answers.push(answer);
      if (writes && isRejection(options, answer)) expect(await fingerprint()).toBe(before);
      else if (writes) before = undefined;
      return answer;
    };
    const run = async (value: Value) => {
      try {
        await property(value, request);
      } catch (error) {
        before = undefined;
        throw error;
      }
      const after = await fingerprint();
      expect(after).toBe(before ?? after);
      before = after;
    };
    const plugins = [fc.interruptAfterTimeLimit(MAX_TOTAL_MS * SCALE, { failOnInterrupt: true })];
    await fc.assert(fc.asyncProperty(values, run), { seed: SEED, numRuns: runs * SCALE, plugins });
    return answers;
  });
}

async function sendOne({ service }: Target, options: RequestOptions): Promise<Answer> {
  const [answer] = await send(service, options);
  if (answer === undefined) throw new Error('The service sent no response');
  expect(answer.status, answer.text).toBeLessThan(500);
  expect(answer.ms).toBeLessThan(MAX_RESPONSE_MS);
  return answer;
}

function mayWrite({ method = 'GET', graphql, path, body, base64 }: RequestOptions): boolean {
  if (graphql !== undefined) return graphql.includes('mutation');
  return path === undefined || method !== 'GET' || (body ?? base64) !== undefined;
}

/** Returns whether the request had no effect. Mutations before a failed one of the same operation have an effect. */
function isRejection({ graphql }: RequestOptions, { status, body }: Answer): boolean {
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

/** Returns a function that hashes all rows of all tables. */
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
