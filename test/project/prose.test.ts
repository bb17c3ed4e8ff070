import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runProgram } from './compose.ts';

/** Runs the check on a tree with only these files. */
async function checkProse(files: Readonly<Record<string, string>>) {
  const tree = await mkdtemp(join(tmpdir(), 'user-service-prose-'));
  try {
    for (const [path, text] of Object.entries(files)) {
      await mkdir(join(tree, dirname(path)), { recursive: true });
      await writeFile(join(tree, path), text);
    }
    return await runProgram({ command: ['node', 'scripts/check-prose.ts', tree], cwd: '.', env: {} });
  } finally {
    await rm(tree, { recursive: true });
  }
}

/** Joins words that the list rejects: in one literal, the check would find them in this file. */
const words = (...parts: string[]) => parts.join(' ');
const PRONOUN = 'nobody';

describe('the word list', () => {
  it('accepts plain sentences in every kind of file', async () => {
    const files = {
      'src/load.ts': '/** Rejects requests over the limit with 503. */\n',
      'docs/API.md': '# API\n\nClients may send a token. What does a page cost? One query.\n',
      'schema/badges.graphql': '"A badge that a user has earned."\ntype Badge { id: ID! }\n',
      'README.md': 'The service runs on Node 24.\n',
    };
    expect(await checkProse(files)).toEqual({ code: 0, output: '' });
  });

  it('reports the file, the line, the word and the alternative', async () => {
    const text = `A first line.\n\n${PRONOUN} waits.\n`;
    expect(await checkProse({ 'docs/API.md': text })).toEqual({
      code: 1,
      output: `docs/API.md:3: ${PRONOUN} -> no client, no request, no process: name it\n`,
    });
  });

  it.each([
    ['a word in capitals', 'src/a.ts', `// ${PRONOUN.toUpperCase()} waits.`],
    ['a possessive', 'src/a.ts', `// This is ${PRONOUN}’s token.`],
    ['the title of a test', 'test/a.test.ts', `it('asks ${PRONOUN} twice', () => {});`],
    ['a description of the schema', 'schema/a.graphql', `"A badge that ${PRONOUN} has."`],
    ['a decision', 'docs/decisions/0001-a.md', `Then ${PRONOUN} waits.`],
    ['the changelog', 'CHANGELOG.md', `- ${PRONOUN} waits.`],
    ['a phrase', 'src/a.ts', `// The request ${words('is', 'refused')}.`],
    [
      'the comment of a function without a verb',
      'src/a.ts',
      '/** A token is valid for a minute. */\nfunction verify() {}',
    ],
    ['a sentence about "what"', 'src/a.ts', `/** ${words('What', 'a token means')}. */`],
  ])('rejects %s', async (_, path, text) => {
    const { code, output } = await checkProse({ [path]: `${text}\n` });
    expect({ code, output }).toEqual({ code: 1, output: expect.stringContaining(`${path}:1: `) });
  });

  it('finds a phrase that spans lines of a comment', async () => {
    const { output } = await checkProse({ 'src/a.ts': `/**\n * A request that is\n * ${'refused'}.\n */\n` });
    expect(output).toBe(`src/a.ts:2: ${words('is', 'refused')} -> is rejected\n`);
  });

  it.each([
    ['a literal that is one word', 'test/a.ts', `const id = '${PRONOUN}';`],
    ['a path', 'docs/a.md', `See [an example](examples/4-${PRONOUN}-else.graphql) and /users/${PRONOUN}/badges.`],
    ['a part of a name', 'src/a.ts', `const x = users.${PRONOUN} + is${PRONOUN} + ${PRONOUN}_else;`],
    ['data', 'test/attacks.jsonl', `{"name": "${PRONOUN} waits"}`],
    ['generated files', 'src/graphql/generated.ts', `/** ${PRONOUN} waits. */`],
    ['packages', 'bench/node_modules/a/README.md', `${PRONOUN} waits.`],
    ['other folders', 'coverage/a.md', `${PRONOUN} waits.`],
  ])('leaves out %s', async (_, path, text) => {
    expect(await checkProse({ [path]: `${text}\n` })).toEqual({ code: 0, output: '' });
  });
});

/** A sentence of 26 words, or of more. */
const sentence = (count = 26) => `The ${'one '.repeat(count - 2)}end`;
const half = (first: string) => `${first} ${'one '.repeat(12)}`.trim();

describe('the length of sentences', () => {
  it.each([
    ['Markdown', 'docs/a.md', `${sentence()}.`],
    ['a list item', 'CHANGELOG.md', `- **Bold:** ${sentence()}.`],
    ['a cell of a table', 'docs/a.md', `| a | ${sentence()} |`],
    ['JSDoc of one line', 'src/a.ts', `/** ${sentence()}. */`],
    ['a line comment', 'src/a.ts', `// ${sentence()}.`],
    ['a comment behind code', 'src/a.ts', `const a = 1; // ${sentence()}.`],
    ['a description', 'schema/a.graphql', `  "${sentence()}."`],
    ['a comment of SQL', 'drizzle/0000_a.sql', `-- ${sentence()}.`],
    ['a comment of YAML', '.github/workflows/a.yml', `# ${sentence()}.`],
    ['a comment of the Dockerfile', 'Dockerfile', `# ${sentence()}.`],
    ['a comment of the CI script', '.ci/run', `# ${sentence()}.`],
    ['parts with a colon or a semicolon', 'docs/a.md', `${half('The')}: ${half('The')}; the end.`],
    ['the text of a link', 'docs/a.md', `[${sentence()}](https://example.com).`],
  ])('rejects 26 words and more: %s', async (_, path, text) => {
    const { code, output } = await checkProse({ [path]: `${text}\n` });
    expect({ code, output }).toEqual({
      code: 1,
      output: expect.stringMatching(new RegExp(`^${path}:1: .* -> a sentence of at most 25 words, not \\d+\n$`)),
    });
  });

  it.each([
    ['25 words', 'docs/a.md', `${sentence(25)}.`],
    ['sentences', 'docs/a.md', `${half('The')}. ${half('The')}? ${half('The')}! (${half('The')}.) ${half('The')}.`],
    ['headings', 'docs/a.md', `# ${sentence()}`],
    ['items of a list', 'docs/a.md', `${half('The')}:\n\n- ${half('a')}\n- ${half('a')}\n1. ${half('a')}`],
    ['cells of a table', 'docs/a.md', `| ${half('a')} | ${half('a')} |\n|---|---|\n| ${half('a')} | ${half('a')} |`],
    ['a line of links', 'docs/a.md', `[${half('a')}](#a) · [${half('a')}](#b)`],
    ['paragraphs', 'src/a.ts', `/**\n * ${half('A')}\n *\n * ${half('A')}\n * @throws ${half('A')}\n */`],
    ['comments behind lines of code', 'src/a.ts', `const a = [\n  1, // ${half('a')}\n  2, // ${half('a')}\n];`],
    ['descriptions', 'schema/a.graphql', `"${half('A')}"\ntype A {\n  "${half('A')}"\n  a: ID!\n}`],
    ['code', 'docs/a.md', `\`\`\`sh\n${sentence()}\n\`\`\``],
    ['a code span, which is one word', 'docs/a.md', `The \`${sentence()}\` and [a link](https://example.com).`],
    ['texts of code', 'src/a.ts', `const a = '${sentence()}';`],
  ])('accepts %s', async (_, path, text) => {
    expect(await checkProse({ [path]: `${text}\n` })).toEqual({ code: 0, output: '' });
  });

  it('reports the line at which the sentence starts', async () => {
    const text = `/**\n * A \`code\n * span\`. Another\n * one.\n *\n * The end. The\n * ${sentence()}.\n */\n`;
    expect(await checkProse({ 'src/a.ts': text })).toEqual({
      code: 1,
      output: 'src/a.ts:6: The The one one one ... -> a sentence of at most 25 words, not 27\n',
    });
  });
});

describe('the columns of comments', () => {
  it.each([
    ['a line comment', `// ${'a'.repeat(118)}`],
    ['JSDoc', `  /** ${'a'.repeat(112)} */`],
    ['a line of JSDoc', ` * ${'a'.repeat(118)}`],
  ])('rejects 121: %s', async (_, text) => {
    const { code, output } = await checkProse({ 'src/a.ts': `${text}\n` });
    expect({ code, output }).toEqual({ code: 1, output: expect.stringContaining('-> wrap comments at 120 columns') });
  });

  it.each([
    ['120 columns', `// ${'a'.repeat(117)}`],
    ['a directive of the linter', `// biome-ignore lint/a/b: ${'a'.repeat(118)}`],
    ['code', `const a = '${'a'.repeat(118)}';`],
  ])('accepts %s', async (_, text) => {
    expect(await checkProse({ 'src/a.ts': `${text}\n` })).toEqual({ code: 0, output: '' });
  });
});
