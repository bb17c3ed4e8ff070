import { hash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type { Owner } from '../auth/viewer.ts';
import type { Db } from '../db/client.ts';
import { inTransaction } from '../db/transaction.ts';
import { AppError, invalidField } from '../errors.ts';
import { readWithOthers } from '../lib/field-reader.ts';
import type { RequestContext } from '../request-context.ts';
import { findResponse, type KeyId, saveResponse, tryLockKey } from './idempotency-keys.store.ts';

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
   * The name of the operation in stored keys, the same for both APIs. An operation of version 2.0.0 keeps the
   * name of its REST route, by which replicas of that version lock and find its keys.
   */
  name: string;
  /** Returns the content that a request for this result has. */
  contentOf: (result: Result) => Content;
  /** The stored form of the result; by default the result itself, as JSON. */
  codec?: ResultCodec<Result>;
}

interface ResultCodec<Result> {
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

export const IDEMPOTENCY_KEY = /^[\x21-\x7e]{1,255}$/;
const MALFORMED_KEY = 'must be 1 to 255 printable ASCII characters without spaces';

/**
 * Runs `write` in a transaction, at most once per key of the owner and operation. The write and its stored result
 * commit together. For 24 hours, a request with the same key and content gets the stored result. Errors are not stored,
 * since nothing was written. Creates with a limit use `createWithKey`, which takes fewer round trips.
 * @param write must insert or lock the owner's row in auth_users, which the stored result references
 * @throws BAD_REQUEST for a malformed key, IDEMPOTENCY_KEY_REUSED for other content, IDEMPOTENCY_IN_FLIGHT while the
 * first request runs
 */
export async function withIdempotencyKey<Content extends object, Result extends object>(
  context: Pick<RequestContext, 'db' | 'now'>,
  request: KeyedRequest<Content, Result>,
  write: (tx: Db) => Promise<Result>,
): Promise<KeyedResult<Result>> {
  const { db, now } = context;
  const id = keyOf(request);
  if (id === undefined) return { result: await inTransaction(db, write), isReplay: false };
  const earlier = replay(request, await findResponse(db, id, now()));
  if (earlier !== undefined) return earlier;
  return inTransaction(db, async (tx) => {
    // NOTE: pipelined; the lock comes first, so that the search sees the result of the request that held it
    const [isLocked, stored] = await Promise.all([tryLockKey(tx, id), findResponse(tx, id, now())]);
    const replayed = replay(request, stored);
    if (replayed !== undefined) return replayed;
    if (!isLocked) throw inFlight();
    const result = await write(tx);
    const body = JSON.stringify(request.operation.codec?.encode(result) ?? result);
    await saveResponse(tx, { ...id, requestHash: requestHashOf(request), body, createdAt: now().toISOString() });
    return { result, isReplay: false };
  });
}

/** Returns the key of a request; undefined for a request without one. */
export function keyOf<Content extends object, Result extends object>({
  operation,
  owner,
  input: { idempotencyKey },
}: KeyedRequest<Content, Result>): KeyId | undefined {
  if (idempotencyKey == null) return undefined;
  return { userId: owner.id, operation: operation.name, key: requireKey(idempotencyKey) };
}

/**
 * Returns the stored result of an earlier request; undefined when there is none.
 * @throws IDEMPOTENCY_KEY_REUSED
 */
export function replay<Content extends object, Result extends object>(
  { operation, owner, content }: KeyedRequest<Content, Result>,
  stored: string | undefined,
): KeyedResult<Result> | undefined {
  if (stored === undefined) return undefined;
  const body = JSON.parse(stored) as object;
  const result = operation.codec?.decode(body, owner) ?? (body as Result);
  requireSameContent(operation.contentOf(result), content);
  return { result, isReplay: true };
}

export function requestHashOf<Content extends object, Result extends object>({
  input,
  content,
}: KeyedRequest<Content, Result>): string {
  return input.requestHash ?? hashRequestBody(content);
}

export function inFlight(): AppError {
  return new AppError('IDEMPOTENCY_IN_FLIGHT', 'A request with this Idempotency-Key is still being processed', {
    field: 'idempotencyKey',
  });
}

/**
 * Returns the hash that is stored with a key. Only replicas of version 2.0.0 read it: they replay a result for a
 * request whose body has this hash. Later versions compare the content.
 */
export function hashRequestBody(body: unknown): string {
  return hash('sha256', JSON.stringify(body), 'base64url');
}

/**
 * Returns the content that `read` returns. When it fails, the error also names a malformed key of the same input; the
 * header of REST is no field of the body.
 * @throws BAD_USER_INPUT naming every invalid field
 */
export function readKeyedContent<Content>({ idempotencyKey, requestHash }: KeyedInput, read: () => Content): Content {
  return readWithOthers(read, () => {
    const isValid = idempotencyKey == null || requestHash !== undefined || IDEMPOTENCY_KEY.test(idempotencyKey);
    if (!isValid) throw invalidField('idempotencyKey', `idempotencyKey ${MALFORMED_KEY}`);
  });
}

function requireKey(key: string): string {
  if (IDEMPOTENCY_KEY.test(key)) return key;
  throw new AppError('BAD_REQUEST', `Idempotency-Key ${MALFORMED_KEY}`, {
    field: 'idempotencyKey',
    graphqlMessage: `idempotencyKey ${MALFORMED_KEY}`,
  });
}

function requireSameContent(stored: object, content: object): void {
  if (isDeepStrictEqual(stored, content)) return;
  throw new AppError('IDEMPOTENCY_KEY_REUSED', 'This Idempotency-Key was used for a different request', {
    field: 'idempotencyKey',
  });
}
