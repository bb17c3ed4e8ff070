import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type { Owner } from '../auth/viewer.ts';
import type { Db } from '../db/client.ts';
import { inTransaction } from '../db/transaction.ts';
import { AppError } from '../errors.ts';
import type { RequestContext } from '../request-context.ts';
import { findResponse, saveResponse, tryLockKey } from './idempotency-keys.store.ts';

/** The part of an input that makes its repetition safe. */
export interface KeyedInput {
  /** Chosen by the client. Without it the result is not stored. */
  idempotencyKey?: string | null | undefined;
  /** `hashRequestBody` of a REST request. */
  requestHash?: string | undefined;
}

/** A write that clients may repeat with an idempotency key. */
export interface KeyedOperation<Content extends object, Result extends object> {
  /**
   * The name of the operation in stored keys, whichever API receives the key. An operation of version 2.0.0 keeps the name
   * of its REST route, by which replicas of that version lock and find its keys.
   */
  name: string;
  /** Returns the content that a request for this result has. */
  contentOf: (result: Result) => Content;
  /** The stored form of the result; by default the result itself, as JSON. */
  codec?: ResultCodec<Result>;
}

export interface ResultCodec<Result> {
  encode: (result: Result) => object;
  decode: (stored: object, owner: Owner) => Result;
}

export interface KeyedRequest<Content extends object, Result extends object> {
  operation: KeyedOperation<Content, Result>;
  owner: Owner;
  input: KeyedInput;
  /** The normalized input with its defaults: a key must not be reused with other content. */
  content: Content;
}

export interface KeyedResult<Result> {
  result: Result;
  /** Whether the result is that of an earlier request. */
  isReplay: boolean;
}

const KEY = /^[\x21-\x7e]{1,255}$/;

/**
 * Runs `write` in a transaction, at most once per key of the owner and operation. The write and its stored result commit
 * together. For 24 hours, a request with the same key and content gets the stored result. Errors are not stored, since
 * nothing was written.
 * @param write must insert or lock the owner's row in auth_users, which the stored result references
 * @throws BAD_REQUEST for a malformed key, IDEMPOTENCY_KEY_REUSED for other content, IDEMPOTENCY_IN_FLIGHT while the first
 * request runs
 */
export async function withIdempotencyKey<Content extends object, Result extends object>(
  { db, now }: Pick<RequestContext, 'db' | 'now'>,
  { operation, owner, input, content }: KeyedRequest<Content, Result>,
  write: (tx: Db) => Promise<Result>,
): Promise<KeyedResult<Result>> {
  if (input.idempotencyKey == null) return { result: await inTransaction(db, write), isReplay: false };
  const { encode, decode } = operation.codec ?? { encode: (result) => result, decode: (body) => body as Result };
  const id = { userId: owner.id, operation: operation.name, key: requireKey(input.idempotencyKey) };
  return inTransaction(db, async (tx) => {
    // NOTE: pipelined; the lock comes first, so that the search sees the result of the request that held it
    const [isLocked, stored] = await Promise.all([tryLockKey(tx, id), findResponse(tx, id, now())]);
    if (stored !== undefined) {
      const result = decode(JSON.parse(stored) as object, owner);
      requireSameContent(operation.contentOf(result), content);
      return { result, isReplay: true };
    }
    if (!isLocked) {
      throw new AppError('IDEMPOTENCY_IN_FLIGHT', 'A request with this Idempotency-Key is still being processed');
    }
    const result = await write(tx);
    await saveResponse(tx, {
      ...id,
      requestHash: input.requestHash ?? hashRequestBody(content),
      body: JSON.stringify(encode(result)),
      createdAt: now().toISOString(),
    });
    return { result, isReplay: false };
  });
}

/**
 * Returns the hash that is stored with a key. Only replicas of version 2.0.0 read it: they replay a result for a request
 * whose body has this hash. Later versions compare the content.
 */
export function hashRequestBody(body: unknown): string {
  return createHash('sha256').update(JSON.stringify(body)).digest('base64url');
}

function requireKey(key: string): string {
  if (KEY.test(key)) return key;
  throw new AppError('BAD_REQUEST', 'Idempotency-Key must be 1 to 255 printable ASCII characters without spaces', {
    field: 'idempotencyKey',
  });
}

function requireSameContent(stored: object, content: object): void {
  if (isDeepStrictEqual(stored, content)) return;
  throw new AppError('IDEMPOTENCY_KEY_REUSED', 'This Idempotency-Key was used for a different request', {
    field: 'idempotencyKey',
  });
}
