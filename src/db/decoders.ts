/** Below `toString`, which looks at its arguments for longer than it takes to make a short text. */
interface Bytes extends Buffer {
  latin1Slice(start: number, end: number): string;
  utf8Slice(start: number, end: number): string;
}

/** Makes a value of PostgreSQL's text for it, from `start` to `end`. */
export type Decode = (bytes: Buffer, start: number, end: number) => unknown;

/** What values of a column become, by the column's type. */
export const DECODERS: Readonly<Record<string, Decode>> = {
  text: textAt,
  bigint: integerAt,
  integer: integerAt,
  smallint: integerAt,
  'timestamp with time zone': instantAt,
};

export function textAt(bytes: Buffer, start: number, end: number): string {
  return (bytes as Bytes).utf8Slice(start, end);
}

const MINUS = 0x2d;
const ZERO = 0x30;

/** Exact up to 2^53, as far as our ids go. */
function integerAt(bytes: Buffer, start: number, end: number): number {
  const isNegative = bytes[start] === MINUS;
  let value = 0;
  for (let at = isNegative ? start + 1 : start; at < end; at++) value = value * 10 + ((bytes[at] as number) - ZERO);
  return isNegative ? -value : value;
}

const T = 0x54;
const Z = 0x5a;

/**
 * `2026-03-01 09:30:00.5+00` as RFC 3339, `2026-03-01T09:30:00.5Z`: no Date in between, so that microseconds survive. It
 * is written over the bytes, which nobody reads again.
 */
function instantAt(bytes: Buffer, start: number, end: number): string {
  bytes[start + 10] = T;
  bytes[end - 3] = Z;
  return (bytes as Bytes).latin1Slice(start, end - 2);
}

/** For text that comes many times in a row, as people's ids do: one string for all of them, if it is ASCII. */
export function repeatedText(): Decode {
  let last = '';
  return (bytes, start, end) => {
    if (last.length !== end - start || !isAsciiAt(bytes, start, last)) last = textAt(bytes, start, end);
    return last;
  };
}

/** Whether the bytes from `start` are this text, and ASCII. */
function isAsciiAt(bytes: Buffer, start: number, text: string): boolean {
  for (let at = 0; at < text.length; at++) {
    const byte = bytes[start + at] as number;
    if (byte !== text.charCodeAt(at) || byte > 0x7f) return false;
  }
  return true;
}
