import { AppError } from '../errors.ts';
import type { ExcludeWait } from './exclude-wait.ts';

interface WaitingRequest {
  excludeWait: ExcludeWait;
  isClosed: () => boolean;
}

/**
 * Runs the work of a request after `acquire`, whose result it calls afterwards. The wait is excluded from the time of
 * the request.
 * @throws BAD_REQUEST when the request is complete before `acquire`, as after the time limit of the handler
 */
export async function runQueued<Result>(
  { excludeWait, isClosed }: WaitingRequest,
  acquire: () => Promise<() => void>,
  work: () => Promise<Result>,
): Promise<Result> {
  const release = await excludeWait(acquire);
  try {
    if (isClosed()) throw new AppError('BAD_REQUEST', 'The request is already complete');
    return await work();
  } finally {
    release();
  }
}
