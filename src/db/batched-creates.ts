import type { SQL } from 'drizzle-orm';
import { AppError, tooManyWaiting } from '../errors.ts';
import { publishQueryJoin, runSharedQuery } from '../lib/channels.ts';
import { KeyedBatches } from '../lib/keyed-batches.ts';
import { memoizeByObject } from '../lib/memoize-by-object.ts';
import type { Db } from './client.ts';
import { marksAsCounting, nameOf } from './counters.ts';
import {
  type CreateOptions,
  type CreateResult,
  countStatement,
  type NewRow,
  responseColumns,
  responseParameters,
  rowCreator,
  saveStatement,
  toKeyUsed,
  tooManyChanges,
  tryLock,
} from './create-row.ts';
import { getTableName, is, PgTransaction, sql } from './driver/drizzle.ts';
import { WRITE } from './query/prepared-query.ts';
import { integer, preparedSql } from './query/prepared-sql.ts';
import { runStatement } from './write-retries.ts';

/** Maximum rows of a statement, which bounds the size of its parameters: the rows and their stored responses. */
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
 * Returns a function that creates a row as that of `rowCreator` does. While statements of the same user run, rows wait
 * and are then created by one statement. Each statement locks the user's row until its commit is written to disk, so
 * PostgreSQL would run them one after another. A user also uses no more than two connections of the pool for rows of
 * one table.
 *
 * Rows of a transaction are created at once. An error of a shared statement is that of all its rows: the callers have
 * validated the values.
 * @throws RATE_LIMITED from the returned function when 100 rows of the user wait
 */
export function batchedRowCreator(options: CreateOptions): (db: Db, row: NewRow) => Promise<CreateResult> {
  const create = rowCreator(options);
  const insertAll = insertAllQuery(options);
  const batchesOf = memoizeByObject(
    (db: Db) =>
      new KeyedBatches((rows: readonly NewRow[]) => new Batch(db, { create, insertAll }).create(rows), limits),
  );
  return (db, row) => {
    if (is(db, PgTransaction)) return create(db, row);
    publishQueryJoin(row);
    return batchesOf(db).run(`${row.limit} ${row.userId}`, row, row.excludeWait);
  };
}

/** The result of each row, in the order of the rows. */
type Results = (CreateResult | Error)[];

interface Statements {
  create: (db: Db, row: NewRow) => Promise<CreateResult>;
  insertAll: (db: Db, rows: readonly NewRow[]) => Promise<CreateResult[] | null>;
}

/** Creates the rows of a user together. */
class Batch {
  readonly #db: Db;
  readonly #statements: Statements;

  constructor(db: Db, statements: Statements) {
    this.#db = db;
    this.#statements = statements;
  }

  /** Creates the first row with each idempotency key. The key is locked for the rows that repeat it. */
  async create(rows: readonly NewRow[]): Promise<Results> {
    const distinct = rows.filter((row, index) => firstWithKey(rows, row) === index);
    const results = await this.#createDistinct(distinct);
    return rows.map((row) => results[distinct.indexOf(row)] ?? 'key locked');
  }

  /** The first row of a user with an unknown counter counts, and the others are then created together. */
  async #createDistinct(rows: readonly NewRow[]): Promise<Results> {
    const [row, ...others] = rows as readonly [NewRow, ...NewRow[]];
    const together = others.length === 0 ? null : await this.#createTogether(rows);
    if (together !== null) return together;
    const first = await this.#createOne(row);
    if (first instanceof Error) return [first, ...others.map(() => afterFailure(first))];
    if (others.length === 0) return [first];
    return [first, ...((await this.#createTogether(others)) ?? (await this.#createHalves(others)))];
  }

  /** Creates all rows with one statement; returns null when it creates none. An error is that of each row. */
  async #createTogether(rows: readonly NewRow[]): Promise<Results | null> {
    const insertAll = () => runStatement(this.#db, () => this.#statements.insertAll(this.#db, rows));
    return runSharedQuery(rows, insertAll).catch((error: Error) => rows.map(() => error));
  }

  /**
   * Creates the first half of the rows and then the others. These fail without a statement if the last of the half has
   * failed.
   */
  async #createHalves(rows: readonly NewRow[]): Promise<Results> {
    const middle = Math.ceil(rows.length / 2);
    const results = await this.#createDistinct(rows.slice(0, middle));
    const others = rows.slice(middle);
    if (others.length === 0) return results;
    const last = results.at(-1);
    if (last instanceof Error) return [...results, ...others.map(() => afterFailure(last))];
    return [...results, ...(await this.#createDistinct(others))];
  }

  #createOne(row: NewRow): Promise<CreateResult | Error> {
    return runSharedQuery([row], () => this.#statements.create(this.#db, row)).catch((error: Error) => error);
  }
}

/** Returns the position of the first row with the same idempotency key; that of the row itself without one. */
function firstWithKey(rows: readonly NewRow[], row: NewRow): number {
  return rows.findIndex((one) => one === row || (row.response && one.response?.lock === row.response.lock));
}

/** Returns the error of a row that is not tried, because that of an earlier one failed. */
function afterFailure(error: Error): Error {
  return error instanceof AppError && error.code === 'LIMIT_REACHED' ? error : tooManyChanges();
}

/**
 * Returns a function that creates all rows of a user with their responses. It returns the ids in the order of the rows,
 * or null when the limit, the counter or a key prevents it.
 */
function insertAllQuery(options: CreateOptions) {
  const query = preparedSql({ id: integer }, insertAllStatement(options), WRITE);
  return async (db: Db, rows: readonly NewRow[]): Promise<CreateResult[] | null> => {
    const { userId, limit } = rows[0] as NewRow;
    const list = rows.map(({ values, response }, position) => ({
      ...values,
      ...(response && responseParameters(response)),
      position,
    }));
    const parameters = { $userId: userId, $limit: limit, $count: rows.length, $rows: JSON.stringify(list) };
    const created = await query(db, parameters).catch(toKeyUsed);
    return created === 'key used' || created.length === 0 ? null : created;
  };
}

/** Returns the insert of all rows. Ids increase in the order of the insert, which is that of the rows. */
function insertAllStatement({ into, counter, values }: CreateOptions): SQL {
  const increment = sql`${sql.placeholder('$count')}::int`;
  const areKeysLocked = sql`not exists (select from key_locks where not is_locked)`;
  const names = [into.authUserId, ...Object.values(values)].map(nameOf);
  const toValue = (name: string) => sql`r.${sql.identifier(name)}`;
  const definitions = Object.entries({ ...values, ...responseColumns }).map(
    ([name, column]) => sql`${sql.identifier(name)} ${sql.raw(column.getSQLType())}`,
  );
  const withResponse = sql`(select id, row_number() over (order by id) - 1 as position from created) as created
      join r on r.position = created.position and r."$lock" is not null`;
  return sql`
    with r as materialized (
      select * from json_to_recordset(${sql.placeholder('$rows')}::json)
        as r(position int, ${sql.join(definitions, sql`, `)}, "$lock" text, "$bodyAfterId" text)),
    key_locks as materialized (select ${tryLock(sql`"$lock"`)} as is_locked from r where "$lock" is not null),
    counted as (${countStatement({ counter, increment, condition: areKeysLocked })}),
    created as (
      insert into ${into} (${sql.join(names, sql`, `)})
      select counted.id, ${sql.join(Object.keys(values).map(toValue), sql`, `)}
      from counted, r where ${marksAsCounting} order by r.position
      returning ${sql.identifier(getTableName(into))}.id),
    saved as (${saveStatement(toValue, withResponse)})
    select id from created order by id`;
}
