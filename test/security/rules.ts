/** The rules of ids and texts in the contract, implemented independently of the service as a test oracle. */

export function isUserId(text: string): boolean {
  return text !== 'me' && /^[A-Za-z0-9][A-Za-z0-9._~:|@+-]{0,127}$/.test(text);
}

/** Returns whether the contract accepts a text of `min` to `max` code points. */
export function isStorable(text: string, max: number, { min = 1, multiline = false } = {}): boolean {
  const length = [...text.normalize('NFC')].length;
  const controls = [...text].filter((char) => char < ' ' && !(multiline && (char === '\t' || char === '\n')));
  return text.isWellFormed() && controls.length === 0 && length >= min && length <= max;
}
