import { isConnectionLost, sqlState } from '../../db/errors.ts';
import { CutoverError } from '../cutover-error.ts';
import { UsageError } from './arguments.ts';

const MESSAGES: Record<string, string> = {
  '42501': 'The role in DATABASE_URL lacks a privilege; use the role that owns the tables',
  '42P01': 'A table no longer exists: another session changed the database',
  '42P07': 'An object with the name of a new table or index already exists',
  '2BP01': 'Other objects depend on an object to be dropped',
  '25006': 'The database, or the role in it, is read-only',
  '53100': 'The disk of the database server is full',
  '3D000': 'The database in DATABASE_URL does not exist',
  '28P01': 'The password in DATABASE_URL is wrong',
};
const CONNECTION_LOST = 'Cannot connect to the database, or the connection was lost';

/** Returns the message of an error for the operator. Never contains the password of DATABASE_URL. */
export function toErrorMessage(error: unknown): string {
  if (error instanceof CutoverError || error instanceof UsageError) return error.message;
  const { message, detail } = error as Error & { detail?: string };
  const cause = detail === undefined ? message : `${message} (${detail.replaceAll('\n', '; ')})`;
  const general = isConnectionLost(error) ? CONNECTION_LOST : 'The command failed';
  return `${MESSAGES[sqlState(error) ?? ''] ?? general}: ${cause}`;
}
