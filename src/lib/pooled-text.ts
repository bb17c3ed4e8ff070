import { piecesOf } from './response-pieces.ts';

const CHUNK_BYTES = 1024 * 1024;
/** Chunks that are kept for later texts. Together they are as large as all unread responses may be. */
const MAX_FREE_CHUNKS = 48;

const encoder = new TextEncoder();
const freeChunks: Uint8Array[] = [];

/**
 * A long text in UTF-8, in chunks that are used again. Full garbage collections alone free memory outside of the heap,
 * and such memory hardly causes one. Large responses, one after another, would add up.
 */
export class PooledText {
  readonly byteLength: number;
  readonly #chunks: Uint8Array[] = [];
  readonly #parts: Buffer[] = [];

  constructor(text: string) {
    let bytes = 0;
    for (let start = 0; start < text.length; ) {
      const chunk = freeChunks.pop() ?? Buffer.allocUnsafeSlow(CHUNK_BYTES);
      const { read, written } = encoder.encodeInto(text.slice(start, start + CHUNK_BYTES), chunk);
      this.#chunks.push(chunk);
      this.#parts.push(Buffer.from(chunk.buffer, chunk.byteOffset, written));
      start += read;
      bytes += written;
    }
    this.byteLength = bytes;
  }

  /** Returns the text in pieces, which share the memory of the chunks. */
  *pieces(): Generator<Buffer> {
    for (const part of this.#parts) yield* piecesOf(part, this.byteLength);
  }

  /** Lets later texts use the chunks. Neither the caller nor a socket may use a piece any more. */
  release(): void {
    const capacity = Math.max(0, MAX_FREE_CHUNKS - freeChunks.length);
    freeChunks.push(...this.#chunks.splice(0).slice(0, capacity));
  }
}
