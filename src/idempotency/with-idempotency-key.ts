import { createHash } from 'node:crypto';
import type { Viewer } from '../auth/viewer.ts';
import { inTransaction } from '../db/transaction.ts';
import { AppError } from '../errors.ts';
import type { RequestContext } from '../request-context.ts';
import { findResponse, type StoredResponse, saveResponse, tryLockKey } from './idempotency-keys.store.ts';

export interface KeyedRequest {
  /** The `Idempotency-Key` header; without it the response is not stored. */
  key: string | undefined;
  /** Method and route: a key is remembered for each route separately. */
  route: string;
  /** The request's body: a key must not be reused with another. */
  body: unknown;
  viewer: Viewer;
}

export interface KeyedResponse<Body> {
  body: Body;
  replayed: boolean;
}

const KEY = /^[\x21-\x7e]{1,255}$/;

/**
 * Runs `write` at most once per key of the viewer. The write and its stored response are one transaction. A repeated
 * request gets the stored response for 24 hours; errors are not stored, since nothing was written.
 * @param write must insert or lock the viewer's row in auth_users, which the stored response references
 * @throws BAD_REQUEST for a malformed key, IDEMPOTENCY_KEY_REUSED for another body, IDEMPOTENCY_IN_FLIGHT while the first
 * request runs
 */
export async function withIdempotencyKey<Body extends object>(
  context: RequestContext,
  request: KeyedRequest,
  write: (context: RequestContext) => Promise<Body>,
): Promise<KeyedResponse<Body>> {
  if (request.key === undefined) return { body: await write(context), replayed: false };
  if (!KEY.test(request.key)) {
    throw new AppError('BAD_REQUEST', 'Idempotency-Key must be 1 to 255 printable ASCII characters without spaces');
  }
  const id = { userId: request.viewer.id, route: request.route, key: request.key };
  const requestHash = createHash('sha256').update(JSON.stringify(request.body)).digest('base64url');
  return inTransaction(context.db, async (tx) => {
    if (!(await tryLockKey(tx, id))) {
      throw new AppError('IDEMPOTENCY_IN_FLIGHT', 'A request with this Idempotency-Key is still being processed');
    }
    const stored = await findResponse(tx, id, context.now());
    if (stored !== null) return replay<Body>(stored, requestHash);
    const body = await write({ ...context, db: tx });
    await saveResponse(tx, {
      ...id,
      requestHash,
      status: 200,
      body: JSON.stringify(body),
      createdAt: context.now().toISOString(),
    });
    return { body, replayed: false };
  });
}

function replay<Body>(stored: StoredResponse, requestHash: string): KeyedResponse<Body> {
  if (stored.requestHash !== requestHash) {
    throw new AppError('IDEMPOTENCY_KEY_REUSED', 'This Idempotency-Key was used for a different request');
  }
  return { body: JSON.parse(stored.body) as Body, replayed: true };
}
