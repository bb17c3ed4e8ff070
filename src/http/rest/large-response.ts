import { overloadedError } from '../../errors.ts';
import type { RequestContext } from '../../request-context.ts';

/** A response of more bytes waits for room, and so does each further page of a list. */
export const LARGE_BYTES = 1_000_000;

/**
 * Reserves the room of a large response. Returns the function that gives it back when the response is written; undefined for a
 * short one.
 * @throws SERVICE_UNAVAILABLE
 */
export async function requireRoom({ reserveRoom }: RequestContext, bytes: number): Promise<(() => void) | undefined> {
  if (bytes <= LARGE_BYTES) return undefined;
  const release = await reserveRoom(bytes);
  if (release === undefined) throw overloadedError();
  return release;
}
