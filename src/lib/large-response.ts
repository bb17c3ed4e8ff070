import { overloadedError } from '../errors.ts';

/** Reserves buffer space for the bytes of a response; undefined when there is none in time. */
type ReserveBuffer = (bytes: number) => Promise<(() => void) | undefined>;

/**
 * A response of more bytes waits for buffer space, and so does each further page of a list. It takes milliseconds to
 * serialize.
 */
export const LARGE_BYTES = 1_000_000;

/** Releases reserved buffer space in the next iteration of the event loop: the response is written in this one. */
export function releaseWhenWritten(release: (() => void) | undefined): void {
  if (release !== undefined) setImmediate(release);
}

/**
 * Reserves the buffer space of a large response. Returns the function that releases it, for `releaseWhenWritten`;
 * undefined for a short response.
 * @throws SERVICE_UNAVAILABLE
 */
export async function requireBuffer(
  { reserveBuffer }: { reserveBuffer: ReserveBuffer },
  bytes: number,
): Promise<(() => void) | undefined> {
  if (bytes <= LARGE_BYTES) return undefined;
  const release = await reserveBuffer(bytes);
  if (release === undefined) throw overloadedError();
  return release;
}
