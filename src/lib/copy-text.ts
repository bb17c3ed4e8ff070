/**
 * Returns a copy of a text without lone surrogates. A part of a text keeps the whole of it in memory: an id in a
 * GraphQL document keeps the document. Copy what a cache keeps for longer than the request.
 */
export function copyText(text: string): string {
  return Buffer.from(text).toString();
}
