/** The rules of ids and texts as the contract has them, told once more: an oracle must not ask the one it judges. */

export function isUserId(text: string): boolean {
  return text !== 'me' && /^[A-Za-z0-9][A-Za-z0-9._~:|@+-]{0,127}$/.test(text);
}

/** Whether a text of one line, or of several, is stored, given the most code points that it may have. */
export function isStorable(text: string, max: number, { min = 1, multiline = false } = {}): boolean {
  const length = [...text.normalize('NFC')].length;
  const controls = [...text].filter((char) => char < ' ' && !(multiline && (char === '\t' || char === '\n')));
  return text.isWellFormed() && controls.length === 0 && length >= min && length <= max;
}
