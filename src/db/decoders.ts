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
export function integerAt(bytes: Buffer, start: number, end: number): number {
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

/** For text that is one of a few: no new one is made. */
export function oneOf(known: readonly string[]): Decode {
  return (bytes, start, end) =>
    known.find((text) => text.length === end - start && isAt(bytes, start, text)) ?? textAt(bytes, start, end);
}

/** Whether the bytes from `start` are this text, which is ASCII. */
function isAt(bytes: Buffer, start: number, text: string): boolean {
  for (let at = 0; at < text.length; at++) {
    if (bytes[start + at] !== text.charCodeAt(at)) return false;
  }
  return true;
}
