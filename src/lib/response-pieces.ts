/** A longer body is written in pieces, so that its reader's progress shows. */
export const LONG_RESPONSE_BYTES = 256 * 1024;
const MIN_PIECE_BYTES = 64 * 1024;
/** A client that reads a piece in each second reads the whole body within the time limit of a response. */
const MAX_PIECES = 30;

/** A stream whose reader is slow holds an unread chunk and the next one. */
export const CHUNKS_PER_STREAM = 2;

/** Returns the pieces of a long body, which share its memory; a short one is one piece. */
export function* piecesOf(body: Buffer, bodyBytes = body.length): Generator<Buffer> {
  const isLong = bodyBytes > LONG_RESPONSE_BYTES;
  const bytes = isLong ? Math.max(MIN_PIECE_BYTES, Math.ceil(bodyBytes / MAX_PIECES)) : body.length;
  for (let start = 0; start < body.length; start += bytes) yield body.subarray(start, start + bytes);
}

/** Returns the pieces of the chunks of a stream. */
export async function* inPieces(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  for await (const chunk of chunks) yield* piecesOf(chunk);
}
