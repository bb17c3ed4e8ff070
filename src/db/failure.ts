import postgres from 'postgres';
import { AppError } from '../errors.ts';
import { DrizzleQueryError } from './drizzle.ts';

const BAD_INPUT = new Set(['22021', '22P02', '22P05', '22001', '22003', '22008']);
const CONFLICT = new Set(['23503', '23505']);
/** The server ends a connection with these, or never really began one. */
const CONNECTION_REFUSED = /^(08...|57P0[123])$/;
const UNAVAILABLE = /^(40001|40P01|55P03|57014|53...|58030|25006|25P0[34])$/;
/** What postgres.js, node:net, node:tls and our own deadlines call a connection that is not to be had or that broke. */
const CONNECTION_LOST =
  /^(CONNECTION_|CONNECT_TIMEOUT|DEADLINE|ECONN|EPIPE|ETIMEDOUT|EHOST|ENET|ENOTFOUND|EAI_|ERR_(SSL|TLS)_|(UNABLE_TO|CERT|SELF_SIGNED|DEPTH_ZERO)_)/;

/** The SQLSTATE that PostgreSQL answered with; undefined when the failure is not PostgreSQL's. */
export function sqlState(error: unknown): string | undefined {
  const cause = driverError(error);
  return cause instanceof postgres.PostgresError ? cause.code : undefined;
}

/** Whether there was no connection or none any more: of a statement that was sent, nobody knows what it has done. */
export function isConnectionLost(error: unknown): boolean {
  const state = sqlState(error);
  if (state !== undefined) return CONNECTION_REFUSED.test(state);
  const cause = driverError(error);
  return cause instanceof Error && 'code' in cause && CONNECTION_LOST.test(String(cause.code));
}

/**
 * What a failed statement means to whoever asked; undefined when it means a bug. The message of drizzle's error holds
 * SQL and parameter values and is never used.
 */
export function explainDatabaseFailure(error: unknown): AppError | undefined {
  const cause = driverError(error);
  const state = sqlState(error) ?? '';
  if (BAD_INPUT.has(state))
    return new AppError('BAD_REQUEST', 'The input has a value that cannot be stored', { cause });
  if (CONFLICT.has(state)) return new AppError('CONFLICT', 'The request conflicts with what is stored', { cause });
  if (isConnectionLost(error) || UNAVAILABLE.test(state)) {
    return new AppError('SERVICE_UNAVAILABLE', 'The service is temporarily unavailable', { cause });
  }
  return undefined;
}

function driverError(error: unknown): unknown {
  return error instanceof DrizzleQueryError ? error.cause : error;
}
