/** The rule is in CONTRIBUTING.md. */
const MAX_WORDS = 25;

export interface Finding {
  line: number;
  words: string;
  say: string;
}

type Piece = { line: number; text: string };

const C_COMMENTS = /(?<=^|\s)\/\*[\s\S]*?\*\/|(?:^[ \t]*\/\/.*\n?)+|(?<=\s)\/\/ .*/gm;
const HASH_COMMENTS = /(?:^[ \t]*#.*\n?)+|(?<=\s)# .*/gm;
/** The prose of a file, by the end of its path: all of Markdown, otherwise the comments and descriptions. */
const PROSE: readonly (readonly [string, RegExp])[] = [
  ['.md', /[\s\S]+/g],
  ['.ts', C_COMMENTS],
  ['.js', C_COMMENTS],
  ['.graphql', /"""[\s\S]*?"""|^[ \t]*"[^"\n]*"[ \t]*$|(?:^[ \t]*#.*\n?)+|(?<=\s)# .*/gm],
  ['.sql', /(?:^[ \t]*--.*\n?)+|(?<=\s)-- .*/gm],
  ['', HASH_COMMENTS],
];
const MARKERS = /^[ \t]*(?:\/\*\*?|\*\/|\*|\/\/|--|#+|"{1,3})[ \t]?|[ \t]*(?:\*\/|"{1,3})[ \t]*$/gm;
const FENCED_CODE = /^[ \t]*(```|~~~)[\s\S]*?^[ \t]*\1.*$/gm;
/** A paragraph ends at an empty line, and before list items, rows of tables, headings, quotations and JSDoc tags. */
const PARAGRAPH_END = /\n(?=[ \t]*(?:\n|[-*+>|] |\d+\. |#|@\w|<))/;
/** Cells of tables and entries of a line of links are separate. */
const CELL_END = /(?=[ \t][|·]\s)/;
const SENTENCE_END = /(?<=(?<!\b(?:e\.g|i\.e|vs|cf|etc))[.?!][)\]"'”’*_]*)(?=\s)/;

/** Returns the sentences of a file's prose that have too many words. */
export function findLongSentences(path: string, text: string): Finding[] {
  const [, prose] = PROSE.find(([end]) => path.endsWith(end)) ?? ['', HASH_COMMENTS];
  return [...text.matchAll(prose)].flatMap(({ 0: found, index }) => {
    const markdown = path.endsWith('.md') ? found : found.replace(MARKERS, '');
    return longSentences({ line: lineBreaks(text.slice(0, index)) + 1, text: markdown.replace(FENCED_CODE, blank) });
  });
}

function longSentences(prose: Piece): Finding[] {
  return split(prose, PARAGRAPH_END, 1)
    .filter(({ text }) => !text.trimStart().startsWith('#'))
    .map(({ line, text }) => ({ line, text: maskNames(text) }))
    .flatMap((paragraph) => split(paragraph, CELL_END, 0))
    .flatMap((cell) => split(cell, SENTENCE_END, 0))
    .flatMap(({ line, text }) => {
      const words = text.split(/\s+/).filter((word) => /[\p{L}\p{N}]/u.test(word));
      if (words.length <= MAX_WORDS) return [];
      const first = line + lineBreaks(text.slice(0, text.search(/\S/)));
      const say = `a sentence of at most ${MAX_WORDS} words, not ${words.length}`;
      return { line: first, words: `${words.slice(0, 5).join(' ')} ...`, say };
    });
}

/** Splits a text at `end`, which matches `breaks` line breaks, and keeps the line of each piece. */
function split({ line, text }: Piece, end: RegExp, breaks: number): Piece[] {
  let next = line;
  return text.split(end).map((piece) => {
    const start = next;
    next += lineBreaks(piece) + breaks;
    return { line: start, text: piece };
  });
}

/** A code span is one word, and a link is its text. */
function maskNames(text: string): string {
  return text
    .replace(/`[^`]+`|\{@link [^}]+\}/g, (span) => `code${blank(span)}`)
    .replace(/\[([^\]]*)\](?:\([^)]*\)|\[[^\]]*\])/g, '$1');
}

/** Leaves only the line breaks. */
function blank(text: string): string {
  return text.replace(/[^\n]+/g, '');
}

function lineBreaks(text: string): number {
  return text.split('\n').length - 1;
}
