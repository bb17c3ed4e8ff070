/** Something that the person at the keyboard can put right. Its message says how, in a sentence; no stack trace is shown. */
export class Problem extends Error {
  override name = 'Problem';
}
