export interface TextRule {
  /** Code points, after normalization. */
  min: number;
  max: number;
  /** Whether the text may contain tabs and line feeds. */
  multiline?: boolean;
}

interface TextProblem {
  message: string;
  kind: 'too_short' | 'too_long' | 'invalid';
}

/** Maximum bytes of a code point in UTF-8, and in JSON. */
export const MAX_BYTES_PER_CHARACTER = 4;

/** The reason that a user gives for a change. */
export const REASON: TextRule = { min: 1, max: 500, multiline: true };

/** A text as it is stored; empty when it was too long to be normalized. */
interface ReadText {
  text: string;
  /** The reason why the text breaks the rule; undefined when it does not. */
  problem: TextProblem | undefined;
}

/** Maximum UTF-16 code units per allowed character: NFC composes a character from up to four. */
const MAX_UNITS_PER_CHARACTER = 4;
/** Marks that NFC can compose with the character before them; the others of a sequence remain. */
const MAX_COMPOSED_MARKS = 3;
const MARK_SEQUENCES = /\p{M}{4,}/gu;

/** C0, DEL, C1, and the line and paragraph separators. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: the pattern finds control characters
const CONTROLS = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: the pattern finds control characters
const CONTROLS_EXCEPT_TAB_AND_LF = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u2028\u2029]/;

/**
 * A character that is visible by itself. White space, format characters, default-ignorable code points and marks
 * do not. Nor do the blank characters that Unicode classifies as symbols or letters. They are U+2800 BRAILLE PATTERN
 * BLANK, U+FFFC OBJECT REPLACEMENT CHARACTER, U+13441 and U+13442 EGYPTIAN HIEROGLYPH FULL and HALF BLANK, and U+1D159
 * MUSICAL SYMBOL NULL NOTEHEAD.
 */
const VISIBLE =
  /[^\p{White_Space}\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}\p{M}\u2800\ufffc\u{13441}\u{13442}\u{1d159}]/u;

const BIDI_CONTROLS = /[\u202a-\u202e\u2066-\u2069]/g;
const POP_EMBEDDING = '\u202c';
const POP_ISOLATE = '\u2069';
/** The character that ends the effect of each embedding, override and isolate (UAX #9). */
const BIDI_CLOSERS: Readonly<Record<string, string>> = {
  '\u202a': POP_EMBEDDING,
  '\u202b': POP_EMBEDDING,
  '\u202d': POP_EMBEDDING,
  '\u202e': POP_EMBEDDING,
  '\u2066': POP_ISOLATE,
  '\u2067': POP_ISOLATE,
  '\u2068': POP_ISOLATE,
};

/**
 * Returns the text in Unicode's composed form (NFC), which is how it is stored and how its length is counted. The time
 * of NFC is quadratic in sequences of marks, so a text that is too long in any form is not normalized.
 */
export function readText(text: string, rule: TextRule): ReadText {
  if (isTooLongInAnyForm(text, rule.max)) return { text: '', problem: tooLong(rule) };
  const normalized = text.normalize('NFC');
  return { text: normalized, problem: textProblem(normalized, rule) };
}

function isTooLongInAnyForm(text: string, max: number): boolean {
  if (text.length <= max) return false;
  if (text.length > max * MAX_UNITS_PER_CHARACTER) return true;
  let marks = 0;
  for (const [sequence] of text.matchAll(MARK_SEQUENCES)) marks += codePoints(sequence) - MAX_COMPOSED_MARKS;
  return marks > max;
}

function textProblem(text: string, rule: TextRule): TextProblem | undefined {
  if (!text.isWellFormed()) return invalid('must be well-formed Unicode: it contains an unpaired surrogate');
  if ((rule.multiline ? CONTROLS_EXCEPT_TAB_AND_LF : CONTROLS).test(text)) {
    return invalid('must not contain control characters');
  }
  const length = codePoints(text);
  if (length < rule.min) return { message: `must have at least ${characters(rule.min)}`, kind: 'too_short' };
  if (length > rule.max) return tooLong(rule);
  if (length > 0 && !VISIBLE.test(text)) return invalid('must contain a visible character');
  if (!text.split('\n').every(hasBalancedBidiControls)) {
    return invalid('must close each bidirectional embedding, override and isolate in its line');
  }
  return undefined;
}

function hasBalancedBidiControls(line: string): boolean {
  const closers: string[] = [];
  for (const [control] of line.matchAll(BIDI_CONTROLS)) {
    const closer = BIDI_CLOSERS[control];
    if (closer !== undefined) closers.push(closer);
    else if (closers.pop() !== control) return false;
  }
  return closers.length === 0;
}

function tooLong({ max }: TextRule): TextProblem {
  return { message: `must have at most ${characters(max)}`, kind: 'too_long' };
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
