import fc from 'fast-check';
import { resolvers, textLengths } from '../../../src/features/registry.ts';
import { responseBytes } from '../../../src/graphql/demand-control/operation-demand.ts';
import { buildSchema } from '../../../src/graphql/schema.ts';
import type { Demand } from '../../../src/request-context.ts';
import type { TestDatabase } from '../../support/database.ts';
import { it as base, describe, expect } from '../../support/fixtures.ts';
import type { Json } from '../../support/json.ts';
import { startRowCounter } from '../../support/row-counter.ts';
import { insertLargeHistories } from '../large-histories.ts';
import { insertLargeLists } from '../large-lists.ts';
import { anyOperation } from './documents.ts';
import { demandOf, type ExpensiveOperation, moderateOperation } from './expensive-operations.ts';

const RUNS = 150;
const MAX_TOTAL_MS = 80_000;
const SEED = Number(process.env.FC_SEED ?? 20_260_301);
const SCALE = Number(process.env.FC_SCALE ?? 1);
/** Bytes around `data` in a response. */
const ENVELOPE_BYTES = 20;

const schema = buildSchema(resolvers, { maxEntities: 1000, textLengths });
const cursors = [Buffer.from('2026-03-01T09:30:00Z 1').toString('base64url')];

/** A service whose rows are counted, with large lists and histories. */
const it = base.extend('counted', { scope: 'file' }, async ({ db }, { onCleanup }) => {
  await insertLargeLists(db);
  await insertLargeHistories(db);
  const counter = await startRowCounter(db.url);
  onCleanup(() => counter.close());
  return counter;
});

describe('the demand of an operation', () => {
  const operations = fc.oneof(
    { weight: 2, arbitrary: moderateOperation(schema) },
    {
      weight: 1,
      arbitrary: anyOperation(schema, cursors).map(({ document, variables }) => ({ query: document, variables })),
    },
  );

  it('is an upper bound of its response and of the rows that it loads', { timeout: 100_000 * SCALE }, async ({
    counted,
    serve,
    auth,
    db,
  }) => {
    const service = await serve({ DATABASE_URL: counted.url });
    const token = await auth.token('service', { scope: 'activity:read badges:manage' });
    const property = fc.asyncProperty(operations, async (operation: ExpensiveOperation) => {
      const demand = demandOf(schema, () => operation);
      const rowsBefore = counted.rows();
      service.statements.clear();
      // A new definition would start a backfill, whose rows belong to no operation.
      const options = operation.query.startsWith('mutation') ? {} : { token };
      const { status, data, errors } = await service.graphql(operation.query, operation.variables, options);
      // An operation that fails leaves its running queries behind.
      if (errors !== undefined) await expect.poll(() => activeQueries(db), { interval: 5 }).toHaveLength(0);
      // The generator shares the thread with the service, which rejects requests while its event loop is delayed.
      fc.pre(status !== 503);
      if (demand === undefined) expect([status, service.statements.length]).toEqual([400, 0]);
      else expectWithin(demand, { data, rows: counted.rows() - rowsBefore });
    });
    const plugins = [fc.interruptAfterTimeLimit(MAX_TOTAL_MS * SCALE, { failOnInterrupt: true })];
    await fc.assert(property, { seed: SEED, numRuns: RUNS * SCALE, plugins });
  });
});

/** Returns the sessions of the service that run a query. */
function activeQueries({ sql }: TestDatabase): Promise<readonly unknown[]> {
  return sql`
    select from pg_stat_activity
    where datname = current_database() and state = 'active' and pid <> pg_backend_pid()`;
}

function expectWithin(demand: Demand, { data, rows }: { data: Json; rows: number }): void {
  expect(fieldsIn(data)).toBeLessThanOrEqual(demand.fields);
  expect(Buffer.byteLength(JSON.stringify(data ?? null))).toBeLessThanOrEqual(responseBytes(demand) + ENVELOPE_BYTES);
  // A count is a row for each user.
  expect(rows).toBeLessThanOrEqual(demand.rows + demand.loaded);
}

/** Returns the number of fields and list items in the data of a response. A rule is one value of the scalar JSON. */
function fieldsIn(data: Json): number {
  if (typeof data !== 'object' || data === null || 'all' in data) return 0;
  return Object.values(data).reduce((sum: number, value) => sum + 1 + fieldsIn(value), 0);
}
