/** What came over the wire: assertions say what it should be. */
// biome-ignore lint/suspicious/noExplicitAny: a test reads members of JSON whose shape is what it asserts
export type Json = any;

/** The parsed text, or `otherwise` where it is not JSON. */
export function parseJson(text: string, otherwise?: Json): Json {
  try {
    return JSON.parse(text);
  } catch {
    return otherwise;
  }
}
