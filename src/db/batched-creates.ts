import type { SQL } from 'drizzle-orm';
import { AppError, tooManyWaiting } from '../errors.ts';
import { publishQueryJoin, runSharedQuery } from '../lib/channels.ts';
import { KeyedBatches } from '../lib/keyed-batches.ts';
import type { Db } from './client.ts';
import { marksAsCounting, nameOf } from './counters.ts';
import {
  type CreateOptions,
  type CreateResult,
  countStatement,
  type NewRow,
  rowCreator,
  tooManyChanges,
} from './create-row.ts';
import { getTableName, is, PgTransaction, sql } from './driver/drizzle.ts';
import { preparedQuery, rawQuery, WRITE } from './query/prepared-query.ts';
import { runStatement } from './write.ts';

/** Maximum rows of a statement. Those of goals with the longest texts have 600 KB. */
const MAX_ROWS = 50;
/** Statements of a user at the same time: one is on its way while PostgreSQL runs another. */
const MAX_STATEMENTS = 2;
/** Rows of a user that wait. */
const MAX_WAITING = 100;
/** Latest start of a row's first statement, so that it can end within the handler's time limit. */
const MAX_WAIT_MS = 1000;

const limits = {
  items: MAX_ROWS,
  batches: MAX_STATEMENTS,
  waiting: MAX_WAITING,
  waitMs: MAX_WAIT_MS,
  tooMany: tooManyWaiting,
  tooLate: tooManyChanges,
};

/**
 * Returns a function that creates a row as that of `rowCreator` does. While statements of the same user run, rows wait and
 * are then created by one statement: each locks the user's row until its commit is written to disk, so PostgreSQL would
 * run them one after another. A user also uses no more than two connections of the pool for rows of one table.
 *
 * Rows with a response to store, and rows of a transaction, are created at once. An error of a shared statement is that of
 * all its rows: the callers have validated the values.
 * @throws RATE_LIMITED from the returned function when 100 rows of the user wait
 */
export function batchedRowCreator(options: CreateOptions): (db: Db, row: NewRow) => Promise<CreateResult> {
  const create = rowCreator(options);
  const insertAll = insertAllQuery(options);
  const batchesByDb = new WeakMap<Db, KeyedBatches<NewRow, CreateResult>>();

  const createOne = (db: Db, row: NewRow): Promise<CreateResult | Error> =>
    runSharedQuery([row], () => create(db, row)).catch((error: Error) => error);
  /** Creates all rows of a user with one statement, or none. Its error is that of each row. */
  const createTogether = async (db: Db, rows: readonly NewRow[]): Promise<(CreateResult | Error)[]> => {
    if (rows.length < 2) return [];
    const create = () => runStatement(db, () => insertAll(db, rows));
    return runSharedQuery(rows, create).catch((error: Error) => rows.map(() => error));
  };

  /** Creates rows one after another until one fails; the others then fail without a statement. */
  const createInTurn = async (db: Db, rows: readonly NewRow[]): Promise<(CreateResult | Error)[]> => {
    const results: (CreateResult | Error)[] = [];
    for (const row of rows) {
      const previous = results.at(-1);
      results.push(previous instanceof Error ? afterFailure(previous) : await createOne(db, row));
    }
    return results;
  };
  /** The first row of a user with an unknown counter counts, and the others are then created together. */
  const createAll = async (db: Db, rows: readonly NewRow[]): Promise<(CreateResult | Error)[]> => {
    const results = await createTogether(db, rows);
    if (results.length > 0) return results;
    const [row, ...others] = rows as readonly [NewRow, ...NewRow[]];
    const first = await createOne(db, row);
    if (first instanceof Error) return [first, ...others.map(() => afterFailure(first))];
    const otherResults = await createTogether(db, others);
    return [first, ...(otherResults.length > 0 ? otherResults : await createInTurn(db, others))];
  };
  const batchesOf = (db: Db) => {
    const known = batchesByDb.get(db);
    if (known !== undefined) return known;
    const batches = new KeyedBatches((rows: readonly NewRow[]) => createAll(db, rows), limits);
    batchesByDb.set(db, batches);
    return batches;
  };
  return (db, row) => {
    if (row.response !== undefined || is(db, PgTransaction)) return create(db, row);
    publishQueryJoin(row);
    return batchesOf(db).run(`${row.limit} ${row.userId}`, row, row.excludeWait);
  };
}

/** Returns the error of a row that is not tried, because that of an earlier one failed. */
function afterFailure(error: Error): Error {
  return error instanceof AppError && error.code === 'LIMIT_REACHED' ? error : tooManyChanges();
}

/** Returns a function that creates all rows of a user, and returns their ids in the order of the rows, or none of them. */
function insertAllQuery(options: CreateOptions) {
  const columns = { id: options.into.id };
  const query = preparedQuery(columns, (db) => rawQuery(db, insertAllStatement(options)), WRITE);
  return async (db: Db, rows: readonly NewRow[]): Promise<CreateResult[]> => {
    const { userId, limit } = rows[0] as NewRow;
    const list = JSON.stringify(rows.map(({ values }, position) => ({ ...values, position })));
    return (await query(db, { $userId: userId, $limit: limit, $count: rows.length, $rows: list })) as CreateResult[];
  };
}

/** Ids increase in the order of the insert, which is that of the rows. */
function insertAllStatement({ into, counter, values }: CreateOptions): SQL {
  const increment = sql`${sql.placeholder('$count')}::int`;
  const names = [into.authUserId, ...Object.values(values)].map(nameOf);
  const items = Object.keys(values).map((name) => sql`r.${sql.identifier(name)}`);
  const definitions = Object.entries(values).map(
    ([name, column]) => sql`${sql.identifier(name)} ${sql.raw(column.getSQLType())}`,
  );
  return sql`
    with counted as (${countStatement({ counter, increment })}),
    created as (
      insert into ${into} (${sql.join(names, sql`, `)})
      select counted.id, ${sql.join(items, sql`, `)}
      from counted, json_to_recordset(${sql.placeholder('$rows')}::json)
        as r(position int, ${sql.join(definitions, sql`, `)})
      where ${marksAsCounting} order by r.position
      returning ${sql.identifier(getTableName(into))}.id)
    select id from created order by id`;
}
