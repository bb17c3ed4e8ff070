/** A parsed response: the assertions of a test define its shape. */
// biome-ignore lint/suspicious/noExplicitAny: a test asserts the shape of the JSON that it reads
export type Json = any;

/** Returns the parsed text, or `otherwise` when it is not JSON. */
export function parseJson(text: string, otherwise?: Json): Json {
  try {
    return JSON.parse(text);
  } catch {
    return otherwise;
  }
}
