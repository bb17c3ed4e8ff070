import { createInterface } from 'node:readline/promises';
import { ConfigError, readDatabaseUrl } from './config.ts';
import { HELP, readArguments, UsageError } from './legacy/arguments.ts';
import { type Console, runCommand } from './legacy/commands.ts';
import { explainFailure } from './legacy/explain-failure.ts';

const { stdin, stdout, stderr } = process;

const terminal: Console = {
  report: { write: (text) => void stdout.write(text), replaces: false },
  progress: { write: (text) => void stderr.write(text), replaces: stderr.isTTY === true },
  async ask(question) {
    if (!stdin.isTTY) return undefined;
    const lines = createInterface({ input: stdin, output: stderr });
    try {
      return (await lines.question(question)).trim();
    } finally {
      lines.close();
    }
  },
};

try {
  const args = readArguments(process.argv.slice(2));
  if (args === undefined) stdout.write(HELP);
  else if (!(await runCommand(readDatabaseUrl(process.env), args, terminal))) process.exitCode = 1;
} catch (error) {
  process.exitCode = error instanceof UsageError ? 2 : 1;
  stderr.write(`${error instanceof ConfigError ? error.message : explainFailure(error)}\n`);
  if (error instanceof UsageError) stderr.write('`npm run legacy -- --help` tells more.\n');
}
