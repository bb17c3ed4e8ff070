/**
 * Returns an instant as the database returns it: RFC 3339, UTC, without trailing zeros of the fraction. The response of a
 * create is then the text of later reads.
 */
export function instantText(date: Date): string {
  return date.toISOString().replace(/\.?0*Z$/, 'Z');
}
