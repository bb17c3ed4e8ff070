import { isConnectionLost, sqlState } from '../../db/failure.ts';
import { Refusal } from '../cutover-error.ts';
import { UsageError } from './arguments.ts';

const WORDS: Record<string, string> = {
  '42501': 'The role of DATABASE_URL may not do this; use the one that owns the tables',
  '42P01': 'A table that was there is gone: somebody else has changed the database meanwhile',
  '42P07': 'The name of something new is taken by something old',
  '2BP01': 'Something else stands on what is to be dropped',
  '25006': 'The database, or this role in it, is read-only',
  '53100': 'The disk of the database is full',
  '3D000': 'There is no such database',
  '28P01': 'The database does not let this role in',
};

/** Why a command failed, in a sentence for its operator, without the password that DATABASE_URL may hold. */
export function explainFailure(error: unknown): string {
  if (error instanceof Refusal || error instanceof UsageError) return error.message;
  const { message, detail } = error as Error & { detail?: string };
  const because = detail === undefined ? message : `${message} (${detail.replaceAll('\n', '; ')})`;
  if (isConnectionLost(error)) return `The database is not to be reached, or the connection to it broke: ${because}`;
  const words = WORDS[sqlState(error) ?? ''];
  return `${words ?? 'The command failed'}: ${because}`;
}
