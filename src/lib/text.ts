export interface TextRule {
  /** Code points, after normalization. */
  min: number;
  max: number;
  /** Whether the text may contain tabs and line feeds. */
  multiline?: boolean;
}

export interface TextProblem {
  message: string;
  kind: 'too_short' | 'too_long' | 'invalid';
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: the pattern finds control characters
const CONTROLS = /[\u0000-\u001f]/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: the pattern finds control characters
const CONTROLS_EXCEPT_TAB_AND_LF = /[\u0000-\u0008\u000b-\u001f]/;

/** Returns the text in Unicode's composed form (NFC), which is how it is stored and how its length is counted. */
export function normalizeText(text: string): string {
  return text.normalize('NFC');
}

/** Returns the reason why a normalized text breaks the rule; undefined when it does not. */
export function textProblem(text: string, rule: TextRule): TextProblem | undefined {
  if (!text.isWellFormed()) return invalid('must be well-formed Unicode: it contains an unpaired surrogate');
  if ((rule.multiline ? CONTROLS_EXCEPT_TAB_AND_LF : CONTROLS).test(text)) {
    return invalid('must not contain control characters');
  }
  const length = codePoints(text);
  if (length < rule.min) return { message: `must have at least ${characters(rule.min)}`, kind: 'too_short' };
  if (length > rule.max) return { message: `must have at most ${characters(rule.max)}`, kind: 'too_long' };
  return undefined;
}

function invalid(message: string): TextProblem {
  return { message, kind: 'invalid' };
}

function codePoints(text: string): number {
  let count = 0;
  for (const _ of text) count++;
  return count;
}

function characters(count: number): string {
  return count === 1 ? '1 character' : `${count} characters`;
}
