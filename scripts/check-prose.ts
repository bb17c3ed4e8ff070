import { glob, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Finding, findLongSentences } from './sentences.ts';

/** The tree to check: `node scripts/check-prose.ts [folder]`, by default the project. */
const ROOT = process.argv[2] ?? join(import.meta.dirname, '..');

const FILES = [
  '{src,docs,schema,test,dev,deploy,bench,scripts,patches}/**/*.{ts,js,md,graphql,py,yml,yaml,env}',
  'drizzle/*.sql',
  '.github/**/*.{md,yml}',
  '{README,CONTRIBUTING,CHANGELOG,SECURITY}.md',
  '{Dockerfile,docker-compose.yml,.ci/*}',
];
/** Written by tools. Data (`.json`, `.jsonl`, `.svg`) has none of the extensions above. */
const GENERATED = ['generated.ts', 'supergraph.graphql', 'released/schema.graphql'];

interface Rule {
  pattern: RegExp;
  say: string;
}

/** A space of a phrase also matches a line break and the comment marker of the next line. */
const SPACE = String.raw`[ \t]*(?:[ \t]|\n[ \t]*(?:\*|//|#|>)?[ \t]*)`;
/** Parts of paths, host names, member accesses and compound names (`a/word.ts`, `word-list`) are names, not prose. */
const NOT_IN_A_NAME = { before: String.raw`(?<![\w$./@-])`, after: String.raw`(?![\w$/-]|\.\w)` };

/** A sentence whose subject is "What ...": one that ends with a full stop. Headings and questions do not. */
const WHAT: Rule = {
  pattern: /(?<=^[ \t]*|[*#.:;/][ \t]+|\n[ \t]*)What\b(?=(?:(?!\n\s*\n)[^.?!])*\.\s)/g,
  say: 'a concrete subject, or in JSDoc a verb ("Returns ...")',
};

/** The first word of the comment of a function of the service, unless it is a verb or a tag. */
const NO_VERB: Rule = {
  pattern:
    /(?<=\/\*\*\s+(?:\*\s+)?)(?!@|[A-Z][a-z]+s\b)[^\s*]\S*(?=(?:(?!\*\/)[\s\S])*\*\/\s+(?:\/\/.*\s+)?(?:export )?(?:async )?function\b)/g,
  say: 'a verb, such as "Returns ..."',
};

/** The formatter leaves comments as they are. A directive of the linter has to be one line. */
const COLUMNS: Rule = {
  pattern: /(?<=^(?=[ \t]*(?:\/?\*|\/\/)\*? (?!biome-ignore)).{120}).+/gm,
  say: 'wrap comments at 120 columns',
};

async function readRules(): Promise<Rule[]> {
  const words = JSON.parse(await readFile(join(import.meta.dirname, 'prose-words.json'), 'utf8'));
  const rules = words.map(({ say, not }: { say: string; not: string[] }) => {
    const phrases = not.map((phrase) => phrase.replaceAll(' ', SPACE)).join('|');
    return { say, pattern: new RegExp(`${NOT_IN_A_NAME.before}(?:${phrases})${NOT_IN_A_NAME.after}`, 'gi') };
  });
  return [...rules, WHAT, COLUMNS];
}

/** Returns the words of `text` that a rule rejects, in the order of their lines. */
function check(text: string, rules: readonly Rule[]): Finding[] {
  const findings = rules.flatMap(({ pattern, say }) =>
    [...text.matchAll(pattern)]
      .filter((match) => !isLiteral(text, match))
      .map(({ 0: words, index }) => ({ line: lineAt(text, index), words: words.replace(/\s+\W*/g, ' '), say })),
  );
  return findings.sort((a, b) => a.line - b.line);
}

/** Tells whether the match is all of a quoted text, as in `id: 'word'`: then it is data. */
function isLiteral(text: string, { 0: words, index }: RegExpExecArray): boolean {
  const quote = text[index - 1] ?? '';
  return /['"`]/.test(quote) && text[index + words.length] === quote;
}

function lineAt(text: string, index: number): number {
  return text.slice(0, index).split('\n').length;
}

function isProse(path: string): boolean {
  return !path.includes('node_modules/') && !GENERATED.some((name) => path.endsWith(name));
}

const rules = await readRules();
const paths = (await Array.fromAsync(glob(FILES, { cwd: ROOT }))).filter(isProse).sort();
for (const path of paths) {
  const text = await readFile(join(ROOT, path), 'utf8');
  const rulesOfPath = path.startsWith('src/') ? [...rules, NO_VERB] : rules;
  for (const { line, words, say } of [...check(text, rulesOfPath), ...findLongSentences(path, text)]) {
    console.error(`${path}:${line}: ${words} -> ${say}`);
    process.exitCode = 1;
  }
}
