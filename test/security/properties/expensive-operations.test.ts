import { once } from 'node:events';
import { request } from 'node:http';
import fc from 'fast-check';
import { resolvers, textLengths } from '../../../src/features/registry.ts';
import { MAX_RESPONSE_BYTES } from '../../../src/graphql/demand-control/limits.ts';
import { buildSchema } from '../../../src/graphql/schema.ts';
import { describe, expect } from '../../support/fixtures.ts';
import { CONTAINER_MB } from '../../support/image.ts';
import { cpuTime, peakMemory, resetPeakMemory, showsUsage } from '../../support/process-usage.ts';
import { it, type Replica } from '../replica.ts';
import { type ExpensiveOperation, mostExpensiveOperation } from './expensive-operations.ts';

/** CPU time of the process for one operation: five times that of the most expensive one on an idle machine. */
const MAX_CPU_MS = 5000;
const RUNS = 60;
/** The least runs that a slow machine completes within the time limit. */
const MIN_RUNS = 15;
const MAX_TOTAL_MS = 240_000;
const SEED = Number(process.env.FC_SEED ?? 20_260_301);
const SCALE = Number(process.env.FC_SCALE ?? 1);

const schema = buildSchema(resolvers, { maxEntities: 1000, textLengths });

describe('the most expensive legal operation', () => {
  it('has a bounded CPU time, memory and response', { timeout: 360_000 * SCALE }, async ({ replica, auth, skip }) => {
    skip(!showsUsage, 'this system does not show the CPU time and memory of processes');
    // The token shows the fields that are hidden from others.
    const token = await auth.token('inspector', { scope: 'activity:read badges:manage' });
    let runs = 0;
    const property = fc.asyncProperty(mostExpensiveOperation(schema), async (operation) => {
      const { status, bytes, cpuMs, peakMb } = await execute({ ...replica, token }, operation);
      expect([200, 400, 503]).toContain(status);
      expect(bytes).toBeLessThanOrEqual(MAX_RESPONSE_BYTES);
      expect(cpuMs).toBeLessThan(MAX_CPU_MS);
      expect(peakMb).toBeLessThan(CONTAINER_MB);
      runs++;
    });
    const plugins = [fc.interruptAfterTimeLimit(MAX_TOTAL_MS * SCALE)];
    await fc.assert(property, { seed: SEED, numRuns: RUNS * SCALE, plugins });
    expect(runs).toBeGreaterThanOrEqual(MIN_RUNS * SCALE);
    expect(replica.stderr).toEqual([]);
  });
});

/** Executes the operation twice, since a query is compiled when it is repeated, and returns the greater usage. */
async function execute(replica: Replica, operation: ExpensiveOperation) {
  const [first, second] = [await executeOnce(replica, operation), await executeOnce(replica, operation)];
  const worst = { cpuMs: Math.max(first.cpuMs, second.cpuMs), peakMb: Math.max(first.peakMb, second.peakMb) };
  return { ...second, ...worst };
}

async function executeOnce({ url, pid, token }: Replica, operation: ExpensiveOperation) {
  resetPeakMemory(pid);
  const cpuBefore = cpuTime(pid);
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${token}` };
  const outgoing = request(`${url}/graphql`, { method: 'POST', headers });
  outgoing.end(JSON.stringify(operation));
  const [response] = await once(outgoing, 'response');
  let bytes = 0;
  for await (const chunk of response) bytes += chunk.length;
  const usage = { cpuMs: cpuTime(pid) - cpuBefore, peakMb: peakMemory(pid) };
  return { status: response.statusCode, bytes, ...usage };
}
