import { BODY_BEFORE_ID, type CreateResult, type NewResponse } from '../db/create-row.ts';
import { AppError, tooManyAtOnce } from '../errors.ts';
import type { RequestContext } from '../request-context.ts';
import { deleteExpiredResponse, findResponse, type KeyId, lockName, STATUS } from './idempotency-keys.store.ts';
import { inFlight, type KeyedRequest, type KeyedResult, keyOf, replay, requestHashOf } from './with-idempotency-key.ts';

interface KeyedCreate<Content extends object, Result extends { id: number }> extends KeyedRequest<Content, Result> {
  /** The result but for its id. Instants are texts of `instantText`. */
  unsaved: Omit<Result, 'id'>;
  /**
   * Creates the row, and stores the response in the same statement.
   * @throws LIMIT_REACHED, RATE_LIMITED when 100 rows of the user wait, and SERVICE_UNAVAILABLE
   */
  create: (response: NewResponse | undefined) => Promise<CreateResult>;
}

/** Attempts to create or to find the result while other requests with the key end or its result expires. */
const MAX_ATTEMPTS = 5;

/**
 * Creates a row, at most once per key of the owner and operation. A request without a key takes one round trip, one
 * with a key two, and a replay one. The semantics are those of `withIdempotencyKey`.
 * @throws BAD_REQUEST for a malformed key, IDEMPOTENCY_KEY_REUSED for other content, IDEMPOTENCY_IN_FLIGHT while the
 * first request runs, and the errors of `create`
 */
export async function createWithKey<Content extends object, Result extends { id: number }>(
  context: Pick<RequestContext, 'db' | 'now'>,
  request: KeyedCreate<Content, Result>,
): Promise<KeyedResult<Result>> {
  const id = keyOf(request);
  for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt++) {
    const result = id === undefined ? await createRow(request) : await createOrReplay(context, request, id);
    if (result !== undefined) return result;
  }
  throw tooManyAtOnce('requests with this Idempotency-Key');
}

/** Returns undefined when a response for the key was stored after the search, or when an expired one was deleted. */
async function createOrReplay<Content extends object, Result extends { id: number }>(
  { db, now }: Pick<RequestContext, 'db' | 'now'>,
  request: KeyedCreate<Content, Result>,
  id: KeyId,
): Promise<KeyedResult<Result> | undefined> {
  const find = async () => replay(request, await findResponse(db, id, now()));
  const earlier = await find();
  if (earlier !== undefined) return earlier;
  try {
    const result = await createRow(request, newResponse(request, id, now()));
    if (result === undefined) await deleteExpiredResponse(db, id, now());
    return result;
  } catch (error) {
    // NOTE: the row that reaches the limit can be that of the first request, whose response was stored after the search
    const stored = error instanceof AppError && error.code === 'LIMIT_REACHED' ? await find() : undefined;
    if (stored === undefined) throw error;
    return stored;
  }
}

/** Returns undefined when there is a response for the key. */
async function createRow<Content extends object, Result extends { id: number }>(
  { unsaved, create }: KeyedCreate<Content, Result>,
  response?: NewResponse,
): Promise<KeyedResult<Result> | undefined> {
  const created = await create(response);
  if (created === 'key locked') throw inFlight();
  return created === 'key used' ? undefined : { result: { ...unsaved, id: created.id } as Result, isReplay: false };
}

function newResponse<Content extends object, Result extends { id: number }>(
  request: KeyedCreate<Content, Result>,
  id: KeyId,
  now: Date,
): NewResponse {
  const { operation, unsaved } = request;
  const result = { ...unsaved, id: 0 } as Result;
  const body = JSON.stringify(operation.codec?.encode(result) ?? result);
  const start = `${BODY_BEFORE_ID}0`;
  if (!body.startsWith(start))
    throw new Error(`a stored response begins with its id, but this one with ${body.slice(0, 20)}`);
  return {
    route: id.operation,
    key: id.key,
    lock: lockName(id),
    requestHash: requestHashOf(request),
    status: STATUS,
    bodyAfterId: body.slice(start.length),
    createdAt: now.toISOString(),
  };
}
