/** The rules of ids and texts in the contract, implemented independently of the service as a test oracle. */

export function isUserId(text: string): boolean {
  return !['me', 'activities'].includes(text) && /^[A-Za-z0-9][A-Za-z0-9._~:|@+-]{0,127}$/.test(text);
}

/** Returns whether the contract accepts a text of `min` to `max` code points. */
export function isStorable(text: string, max: number, { min = 1, multiline = false } = {}): boolean {
  const chars = [...text.normalize('NFC')];
  const lines = multiline ? text.split('\n') : [text];
  return (
    text.isWellFormed() &&
    !chars.some((char) => isControl(char) && !(multiline && (char === '\t' || char === '\n'))) &&
    chars.length >= min &&
    chars.length <= max &&
    (chars.length === 0 || chars.some(isVisible)) &&
    lines.every(isBalanced)
  );
}

function isControl(char: string): boolean {
  return /^\p{Cc}$/u.test(char) || char === '\u2028' || char === '\u2029';
}

const BLANK = new Set(['\u2800', '\ufffc', '\u{13441}', '\u{13442}', '\u{1d159}']);
const INVISIBLE = [/^\s$/, /^\p{Cc}$/u, /^\p{Cf}$/u, /^\p{M}$/u, /^\p{White_Space}$/u, /^\p{DI}$/u];

function isVisible(char: string): boolean {
  return !BLANK.has(char) && !INVISIBLE.some((kind) => kind.test(char));
}

/** Removes the innermost pairs until there are none. */
function isBalanced(line: string): boolean {
  let controls = line.replace(/[^\u202a-\u202e\u2066-\u2069]/g, '');
  for (let length = -1; length !== controls.length; ) {
    length = controls.length;
    controls = controls.replace(/[\u202a\u202b\u202d\u202e]\u202c|[\u2066-\u2068]\u2069/g, '');
  }
  return controls === '';
}
