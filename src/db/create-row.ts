import type { SQL } from 'drizzle-orm';
import type { PgColumn, PgTable } from 'drizzle-orm/pg-core';
import { AppError, tooManyAtOnce } from '../errors.ts';
import type { ExcludeWait } from '../lib/exclude-wait.ts';
import type { Db } from './client.ts';
import { COUNTERS, type Counter, counterReader, marksAsCounting, nameOf, recount } from './counters.ts';
import { and, getTableName, sql } from './driver/drizzle.ts';
import { isUniqueViolation } from './errors.ts';
import { WRITE } from './query/prepared-query.ts';
import { integer, integerOrNull, preparedSql } from './query/prepared-sql.ts';
import { authUsers } from './schema/auth-users.ts';
import { idempotencyKeys } from './schema/idempotency-keys.ts';
import { runStatement } from './write-retries.ts';

/** A row to create. */
export interface NewRow {
  userId: string;
  /**
   * The columns besides the user and the id, by the names of `CreateOptions.values`, and the values of its `condition`.
   */
  values: Readonly<Record<string, unknown>>;
  /** The maximum number of the user's rows. */
  limit: number;
  /** The response to store with the row; undefined for a request without an idempotency key. */
  response?: NewResponse | undefined;
  /** Runs the wait for earlier rows of the user, if they are created in batches. */
  excludeWait: ExcludeWait;
}

/** A response to store, by the names of the columns of `idempotency_keys`. */
export interface NewResponse {
  route: string;
  key: string;
  /** The name of the advisory lock of the key. */
  lock: string;
  requestHash: string;
  status: number;
  /** The JSON of the response after the id of the row, which is its first member. */
  bodyAfterId: string;
  createdAt: string;
}

/** The start of the JSON of a stored response; the id follows. */
export const BODY_BEFORE_ID = '{"id":';

/**
 * The id of the new row, or the reason why there is none. Another request with the same key runs, or a response is
 * stored for the key.
 */
export type CreateResult = { id: number } | 'key locked' | 'key used';

export interface CreateOptions {
  into: PgTable & { id: PgColumn; authUserId: PgColumn };
  counter: Counter;
  values: Readonly<Record<string, PgColumn>>;
  /** The name of the rows in messages. */
  plural: string;
}

interface ConditionalCreateOptions extends CreateOptions {
  /** Without it the row is not created: a condition whose placeholders are values of the row. */
  condition?: SQL;
}

const KEY_CONSTRAINT = 'idempotency_keys_auth_user_id_route_key_pkey';
/** Attempts to create a row whose counter changes meanwhile. */
const MAX_ATTEMPTS = 10;

/**
 * Returns a function that creates a row, exactly within the limit, with one statement. It increments the user's counter
 * while that is below the limit, which locks the user's row, and then inserts. The same statement stores the response,
 * and the unique key of `idempotency_keys` rejects a second one. An unknown counter is counted first.
 * @throws LIMIT_REACHED from the returned function, and SERVICE_UNAVAILABLE after ten attempts
 */
export function rowCreator(options: CreateOptions): (db: Db, row: NewRow) => Promise<CreateResult> {
  const tryCreate = conditionalRowCreator(options);
  return async (db, row) => {
    for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt++) {
      const result = await tryCreate(db, row);
      if (result !== undefined) return result;
    }
    throw tooManyChanges();
  };
}

/** Returns the error of a row that was not created because others of the same user came first. */
export function tooManyChanges(): AppError {
  return tooManyAtOnce('changes of the same user');
}

/**
 * Returns a function that makes one attempt of `rowCreator`. Its result is undefined when the condition does not hold,
 * or when the counter was unknown or has changed meanwhile.
 * @throws LIMIT_REACHED from the returned function
 */
export function conditionalRowCreator(
  options: ConditionalCreateOptions,
): (db: Db, row: NewRow) => Promise<CreateResult | undefined> {
  const insert = insertQuery(options);
  const readCounter = counterReader(options.counter);

  return async (db, row) => {
    const result = await runStatement(db, () => insert(db, row)).catch(toKeyUsed);
    if (result !== undefined) return result;
    const { userId, limit } = row;
    const count = await readCounter(db, userId);
    if ((count ?? 0) >= limit) {
      throw new AppError('LIMIT_REACHED', `Maximum number of ${options.plural} (${limit}) reached`);
    }
    if (count === null) await recount(db, userId);
    return undefined;
  };
}

/**
 * Returns a function that runs the statement; its result is undefined when the counter or the condition excludes the
 * row.
 */
function insertQuery(options: ConditionalCreateOptions): (db: Db, row: NewRow) => Promise<CreateResult | undefined> {
  const insert = preparedSql({ id: integerOrNull }, insertStatement(options), WRITE);
  const keyedRow = { locked: integer, id: integerOrNull };
  const insertWithResponse = preparedSql(keyedRow, keyedStatement(options), WRITE);

  return async (db, { userId, values, limit, response }) => {
    const parameters = { ...values, $userId: userId, $limit: limit };
    const [row]: { id: number | null; locked?: number }[] =
      response === undefined
        ? await insert(db, parameters)
        : await insertWithResponse(db, { ...parameters, ...responseParameters(response) });
    if (row?.locked === 0) return 'key locked';
    return row?.id == null ? undefined : { id: row.id };
  };
}

/** Returns the parameters of a response. Their names differ from those of every column of the row. */
export function responseParameters(response: NewResponse): Record<string, unknown> {
  return Object.fromEntries(Object.entries(response).map(([name, value]) => [`$${name}`, value]));
}

interface CountStatementOptions extends Pick<ConditionalCreateOptions, 'counter' | 'condition'> {
  /** The number of new rows; 1 by default. */
  increment?: SQL;
  from?: SQL;
}

/**
 * Returns the insert into `auth_users`: of a new user with all counters, or of an increment that locks the row. The
 * statement returns no user if the increment would exceed the limit.
 */
export function countStatement({ counter, condition, increment = sql`1`, from }: CountStatementOptions): SQL {
  const names = sql.join(
    COUNTERS.map(({ column }) => nameOf(column)),
    sql`, `,
  );
  const counts = sql.join(
    COUNTERS.map(({ column }) => (column === counter.column ? increment : sql`0`)),
    sql`, `,
  );
  const count = nameOf(counter.column);
  const limit = sql`${sql.placeholder('$limit')}::int`;
  return sql`
    insert into ${authUsers} as u (id, ${names})
    select ${sql.placeholder('$userId')}::text, ${counts} ${from} where ${and(sql`${increment} <= ${limit}`, condition)}
    on conflict (id) do update set ${count} = u.${count} + ${increment} where u.${count} + ${increment} <= ${limit}
    returning u.id`;
}

function rowStatement({ into, values }: CreateOptions): SQL {
  const names = [into.authUserId, ...Object.values(values)].map(nameOf);
  const items = Object.entries(values).map(([name, column]) => typedPlaceholder(name, column));
  return sql`
    insert into ${into} (${sql.join(names, sql`, `)})
    select counted.id, ${sql.join(items, sql`, `)} from counted where ${marksAsCounting}
    returning ${sql.identifier(getTableName(into))}.id`;
}

function insertStatement(options: ConditionalCreateOptions): SQL {
  return sql`with counted as (${countStatement(options)}) ${rowStatement(options)}`;
}

function keyedStatement(options: ConditionalCreateOptions): SQL {
  const isLocked = sql`from (select from key_lock where locked = 1) as key_locked`;
  return sql`
    with key_lock as materialized (select ${tryLock(sql.placeholder('$lock'))}::int as locked),
    counted as (${countStatement({ ...options, from: isLocked })}),
    created as (${rowStatement(options)}),
    saved as (${saveStatement(typedPlaceholder, sql`created`)})
    select key_lock.locked, created.id from key_lock left join created on true`;
}

/** Returns the expression that locks a key until the transaction ends, if no other transaction holds it. */
export function tryLock(name: unknown): SQL {
  return sql`pg_try_advisory_xact_lock(hashtextextended(${name}, 0))`;
}

/** The columns of a stored response besides its user and body, by the names of its parameters. */
export const responseColumns = {
  $route: idempotencyKeys.route,
  $key: idempotencyKeys.key,
  $requestHash: idempotencyKeys.requestHash,
  $status: idempotencyKeys.status,
  $createdAt: idempotencyKeys.createdAt,
};

/**
 * Returns the insert of the responses of new rows.
 * @param toValue returns the value of a response, in SQL
 * @param created the new rows as `created`, with the ids that the bodies begin with
 */
export function saveStatement(toValue: (name: string, column: PgColumn) => SQL, created: SQL): SQL {
  const { authUserId, body } = idempotencyKeys;
  const names = [authUserId, body, ...Object.values(responseColumns)].map(nameOf);
  const items = Object.entries(responseColumns).map(([name, column]) => toValue(name, column));
  return sql`
    insert into ${idempotencyKeys} (${sql.join(names, sql`, `)})
    select ${sql.placeholder('$userId')}::text,
      ${sql.raw(`'${BODY_BEFORE_ID}'`)} || created.id || ${toValue('$bodyAfterId', body)}, ${sql.join(items, sql`, `)}
    from ${created}`;
}

/** Returns the result of a create whose response is already stored; throws any other error. */
export function toKeyUsed(error: unknown): 'key used' {
  if (isUniqueViolation(error, KEY_CONSTRAINT)) return 'key used';
  throw error;
}

/**
 * Returns a placeholder with the type of the column, which an `insert ... select` or an expression does not give it.
 */
export function typedPlaceholder(name: string, column: PgColumn): SQL {
  return sql`${sql.placeholder(name)}::${sql.raw(column.getSQLType())}`;
}
