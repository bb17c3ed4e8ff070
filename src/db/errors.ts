import postgres from 'postgres';
import { AppError } from '../errors.ts';
import { CONNECTION_CODE } from '../lib/connection-codes.ts';
import { DrizzleQueryError } from './driver/drizzle.ts';

/**
 * Values that PostgreSQL cannot store: class 22, data exceptions. The validation lacks a rule for such a value. 22021
 * is none of them, because it looks the same for a parameter and for a stored text that is not valid. It is an internal
 * error, because such a stored text is no fault of the client. Of the texts that JavaScript sends, only those with NUL
 * are invalid, and the APIs reject NUL in every input.
 */
const INVALID_VALUE = new Set(['22P02', '22P05', '22001', '22003', '22008']);
/** foreign_key_violation, unique_violation. */
const CONFLICT = new Set(['23503', '23505']);
/** The server ends a connection, or rejects it. */
const CONNECTION_REJECTED = /^(08...|57P0[123])$/;
/**
 * A prepared statement that a pooler's other connection does not have, serialization failures, lock and statement
 * timeouts, exhausted resources, a read-only server.
 */
const UNAVAILABLE = /^(26000|40001|40P01|55P03|57014|53...|58030|25006|25P0[34])$/;
/**
 * The server rejects the role or has no such database, or the role lacks rights. Or a table or column is missing
 * because the database is not migrated. Migrations and grants are separate steps of a deployment, so these are no bugs.
 */
const NOT_DEPLOYED = /^(28...|3D000|42501|42P01|42703)$/;
/** Returns the SQLSTATE of a PostgreSQL error; undefined for any other error. */
export function sqlState(error: unknown): string | undefined {
  const cause = driverError(error);
  return cause instanceof postgres.PostgresError ? cause.code : undefined;
}

/** Returns whether the error is a violation of this unique constraint. */
export function isUniqueViolation(error: unknown, constraint: string): boolean {
  const cause = driverError(error);
  return cause instanceof postgres.PostgresError && cause.code === '23505' && cause.constraint_name === constraint;
}

/** Returns whether a statement has waited for a lock for longer than `lock_timeout`. */
export function isLockTimeout(error: unknown): error is Error {
  return sqlState(error) === '55P03';
}

/** Returns whether the server has cancelled the statement, as it does after `statement_timeout`. */
export function isStatementTimeout(error: unknown): boolean {
  return sqlState(error) === '57014';
}

/** Returns whether the server has ended or rejected the connection, for any reason: `FATAL` in its log. */
export function isFatal(error: unknown): boolean {
  const cause = driverError(error);
  return cause instanceof postgres.PostgresError && cause.severity === 'FATAL';
}

/**
 * Returns whether the connection was lost, rejected or unavailable. The outcome of a query that was sent is then
 * unknown.
 */
export function isConnectionLost(error: unknown): boolean {
  const state = sqlState(error);
  if (state !== undefined) return isFatal(error) || CONNECTION_REJECTED.test(state);
  const cause = driverError(error);
  return cause instanceof Error && 'code' in cause && CONNECTION_CODE.test(String(cause.code));
}

/**
 * Translates the error of a query; undefined for one that means a bug. The message of drizzle's error contains SQL and
 * parameter values, and is never used.
 */
export function toDatabaseAppError(error: unknown): AppError | undefined {
  const cause = driverError(error);
  const state = sqlState(error) ?? '';
  if (INVALID_VALUE.has(state)) {
    return new AppError('BAD_REQUEST', 'The input contains a value that cannot be stored', { cause });
  }
  if (CONFLICT.has(state)) return new AppError('CONFLICT', 'The request conflicts with stored data', { cause });
  if (isConnectionLost(error) || UNAVAILABLE.test(state) || NOT_DEPLOYED.test(state)) {
    return new AppError('SERVICE_UNAVAILABLE', 'The service is temporarily unavailable', { cause });
  }
  return undefined;
}

function driverError(error: unknown): unknown {
  return error instanceof DrizzleQueryError ? error.cause : error;
}
