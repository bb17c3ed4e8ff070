export interface TextRule {
  /** Code points, after normalisation. */
  min: number;
  max: number;
  /** Whether tabs and line feeds are part of such a text. */
  multiline?: boolean;
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: finding control characters is the purpose
const CONTROLS = /[\u0000-\u001f]/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: finding control characters is the purpose
const CONTROLS_BUT_TAB_AND_LF = /[\u0000-\u0008\u000b-\u001f]/;

/** Text as it is stored: Unicode's composed form (NFC), so that what looks the same is the same. */
export function normalizeText(text: string): string {
  return text.normalize('NFC');
}

/** What keeps a normalised text from being stored, in words; undefined when nothing does. */
export function textProblem(text: string, rule: TextRule): string | undefined {
  if (!text.isWellFormed()) return 'must be well-formed Unicode: it has half of a surrogate pair';
  if ((rule.multiline ? CONTROLS_BUT_TAB_AND_LF : CONTROLS).test(text)) return 'must not have control characters';
  const length = codePoints(text);
  if (length < rule.min) return `must have at least ${plural(rule.min, 'character')}`;
  if (length > rule.max) return `must have at most ${plural(rule.max, 'character')}`;
  return undefined;
}

function codePoints(text: string): number {
  let count = 0;
  for (const _ of text) count++;
  return count;
}

function plural(count: number, noun: string): string {
  return count === 1 ? `${count} ${noun}` : `${count} ${noun}s`;
}
