type Field = bigint | Buffer;

const VARINT = 0n;
const FIXED64 = 1n;
const BYTES = 2n;
const FIXED32 = 5n;

/** A protobuf message, read without its schema (https://protobuf.dev/programming-guides/encoding/). */
export class Message {
  readonly #fields = new Map<number, Field[]>();
  readonly #bytes: Buffer;
  #offset = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
    while (this.#offset < bytes.length) {
      const tag = this.#varint();
      const number = Number(tag >> 3n);
      this.#fields.set(number, [...(this.#fields.get(number) ?? []), this.#value(tag & 7n)]);
    }
  }

  /** Returns the last value of a field. */
  bytes(number: number): Buffer | undefined {
    return this.#fields.get(number)?.at(-1) as Buffer | undefined;
  }

  text(number: number): string {
    return this.bytes(number)?.toString() ?? '';
  }

  /** Returns the last value of a field; 0 by default. */
  integer(number: number): bigint {
    return (this.#fields.get(number)?.at(-1) as bigint | undefined) ?? 0n;
  }

  messages(number: number): Message[] {
    return (this.#fields.get(number) ?? []).map((bytes) => new Message(bytes as Buffer));
  }

  #value(type: bigint): Field {
    if (type === VARINT) return this.#varint();
    if (type === BYTES) return this.#take(Number(this.#varint()));
    if (type === FIXED64) return this.#take(8).readBigUInt64LE();
    if (type === FIXED32) return BigInt(this.#take(4).readUInt32LE());
    throw new Error(`unknown wire type ${type}`);
  }

  #take(length: number): Buffer {
    const start = this.#offset;
    this.#offset += length;
    return this.#bytes.subarray(start, this.#offset);
  }

  #varint(): bigint {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = BigInt(this.#bytes[this.#offset++] ?? 0);
      value |= (byte & 127n) << shift;
      if (byte < 128n) return value;
    }
  }
}
