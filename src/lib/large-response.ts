import { overloadedError } from '../errors.ts';

/** Reserves room for the bytes of a response; undefined when there is none in time. */
type ReserveRoom = (bytes: number) => Promise<(() => void) | undefined>;

/** A response of more bytes waits for room, and so does each further page of a list. It takes milliseconds to serialize. */
export const LARGE_BYTES = 1_000_000;

/** Gives reserved room back in the next iteration of the event loop: the response is written in this one. */
export function releaseWhenWritten(release: (() => void) | undefined): void {
  if (release !== undefined) setImmediate(release);
}

/**
 * Reserves the room of a large response. Returns the function that gives it back, for `releaseWhenWritten`; undefined for a
 * short response.
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
