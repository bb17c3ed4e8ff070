/** Node's slices below `toString`, whose argument checks cost more than a short text. */
interface Bytes extends Buffer {
  latin1Slice(start: number, end: number): string;
  utf8Slice(start: number, end: number): string;
}

/** Decodes a value from PostgreSQL's text form between two offsets. */
export type Decode<Value = unknown> = (bytes: Buffer, start: number, end: number) => Value;

/** Decoders by column type. */
export const COLUMN_DECODERS: Readonly<Record<string, Decode>> = {
  text: decodeText,
  'text collate "C"': decodeText,
  bigint: decodeInteger,
  integer: decodeInteger,
  smallint: decodeInteger,
  'timestamp with time zone': decodeInstant,
  date: decodeText,
  boolean: decodeBoolean,
};

export function decodeText(bytes: Buffer, start: number, end: number): string {
  return (bytes as Bytes).utf8Slice(start, end);
}

const TRUE = 0x74;

/** Decodes `t` or `f`. */
function decodeBoolean(bytes: Buffer, start: number): boolean {
  return bytes[start] === TRUE;
}

const MINUS = 0x2d;
const ZERO = 0x30;

/** Decodes an integer; exact up to 2^53, the maximum of our ids. */
export function decodeInteger(bytes: Buffer, start: number, end: number): number {
  const isNegative = bytes[start] === MINUS;
  let value = 0;
  for (let at = isNegative ? start + 1 : start; at < end; at++) value = value * 10 + ((bytes[at] as number) - ZERO);
  return isNegative ? -value : value;
}

const T = 0x54;
const Z = 0x5a;
const DATE_LENGTH = '2026-03-01'.length;
const OFFSET_LENGTH = '+00'.length;
/** An instant in the making: concatenating its parts would allocate six strings. PostgreSQL's have at most 35 bytes. */
const instant = Buffer.alloc(64) as Buffer as Bytes;

/** Decodes `2026-03-01 09:30:00.5+00` to `2026-03-01T09:30:00.5Z`, without a Date, which would drop microseconds. */
function decodeInstant(bytes: Buffer, start: number, end: number): string {
  const length = end - OFFSET_LENGTH - start;
  for (let at = 0; at < length; at++) instant[at] = bytes[start + at] as number;
  instant[DATE_LENGTH] = T;
  instant[length] = Z;
  return instant.latin1Slice(0, length + 1);
}

/**
 * Returns a decoder that allocates nothing for a value of the enum: neither a string nor, as `find` would, a closure.
 */
export function enumDecoder(values: readonly string[]): Decode {
  return (bytes, start, end) => {
    for (let n = 0; n < values.length; n++) {
      const value = values[n] as string;
      if (value.length === end - start && matches(bytes, start, value)) return value;
    }
    return decodeText(bytes, start, end);
  };
}

/** Returns whether the bytes at `start` are this ASCII text. */
function matches(bytes: Buffer, start: number, text: string): boolean {
  for (let at = 0; at < text.length; at++) {
    if (bytes[start + at] !== text.charCodeAt(at)) return false;
  }
  return true;
}
