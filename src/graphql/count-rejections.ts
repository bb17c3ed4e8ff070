import type { GraphQLError } from 'graphql';
import { AppError } from '../errors.ts';
import { originalError } from './format-error.ts';

/** Calls `onRejected` once with each limit that the errors of an operation name. */
export function countRejections(errors: readonly GraphQLError[], onRejected: (reason: string) => void): void {
  const reasons = new Set<string>();
  for (const error of errors.map(originalError)) {
    if (error instanceof AppError && error.rejection !== undefined) reasons.add(error.rejection);
  }
  for (const reason of reasons) onRejected(reason);
}
