import { createHash } from 'node:crypto';
import { requireViewer } from './auth/viewer.ts';
import { lockAuthUser } from './db/auth-users.ts';
import { findAnswer, insertAnswer, tryLockKey } from './db/idempotency-keys.ts';
import { inTransaction } from './db/transaction.ts';
import { AppError } from './errors.ts';
import type { Scope } from './scope.ts';

export interface KeyedRequest {
  /** The `Idempotency-Key` header; absent means that nothing is remembered. */
  key: string | undefined;
  /** Method and route, so that one key may serve once on each. */
  route: string;
  /** What was asked; a key may not be used again for anything else. */
  body: unknown;
}

export interface Answer<Body> {
  body: Body;
  replayed: boolean;
}

const KEY = /^[\x21-\x7e]{1,255}$/;

/**
 * Does `act` at most once for each of the caller's keys: its outcome and the memory of it are one transaction, so that
 * neither a crash nor a race can part them. A repeated request gets the first answer again, for 24 hours. A refusal is
 * not remembered: nothing was done.
 * @throws BAD_REQUEST for a malformed key, IDEMPOTENCY_KEY_REUSED for another body, IDEMPOTENCY_IN_FLIGHT while the
 * first request runs
 */
export async function answerOnce<Body extends object>(
  scope: Scope,
  request: KeyedRequest,
  act: (scope: Scope) => Promise<Body>,
): Promise<Answer<Body>> {
  if (request.key === undefined) return { body: await act(scope), replayed: false };
  if (!KEY.test(request.key)) {
    throw new AppError('BAD_REQUEST', 'Idempotency-Key must be 1 to 255 printable ASCII characters without spaces');
  }
  const id = { userId: requireViewer(scope.viewer).id, route: request.route, key: request.key };
  const requestHash = createHash('sha256').update(JSON.stringify(request.body)).digest('base64url');
  return inTransaction(scope.db, async (tx) => {
    if (!(await tryLockKey(tx, id))) {
      throw new AppError('IDEMPOTENCY_IN_FLIGHT', 'A request with this Idempotency-Key is still being processed');
    }
    const earlier = await findAnswer(tx, id, scope.now());
    if (earlier !== null) return replay<Body>(earlier, requestHash);
    await lockAuthUser(tx, id.userId);
    const body = await act({ ...scope, db: tx });
    await insertAnswer(tx, {
      ...id,
      requestHash,
      status: 200,
      body: JSON.stringify(body),
      createdAt: scope.now().toISOString(),
    });
    return { body, replayed: false };
  });
}

function replay<Body>(earlier: { requestHash: string; body: string }, requestHash: string): Answer<Body> {
  if (earlier.requestHash !== requestHash) {
    throw new AppError('IDEMPOTENCY_KEY_REUSED', 'This Idempotency-Key was used for a different request');
  }
  return { body: JSON.parse(earlier.body) as Body, replayed: true };
}
