import { overloadedError } from '../errors.ts';

/** Reserves room for the bytes of a response; undefined when there is none in time. */
type ReserveRoom = (bytes: number) => Promise<(() => void) | undefined>;

/** A response of more bytes waits for room, and so does each further page of a list. It takes milliseconds to serialize. */
export const LARGE_BYTES = 1_000_000;

/**
 * Reserves the room of a large response. Returns the function that gives it back when the response is written; undefined for a
 * short one.
 * @throws SERVICE_UNAVAILABLE
 */
export async function requireRoom(
  { reserveRoom }: { reserveRoom: ReserveRoom },
  bytes: number,
): Promise<(() => void) | undefined> {
  if (bytes <= LARGE_BYTES) return undefined;
  const release = await reserveRoom(bytes);
  if (release === undefined) throw overloadedError();
  return release;
}
