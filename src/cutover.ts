import { createInterface } from 'node:readline/promises';
import { ConfigError, readDatabaseUrl } from './config.ts';
import { runCommandLine } from './cutover/cli/command-line.ts';
import type { Console } from './cutover/cli/commands.ts';
import { Refusal } from './cutover/cutover-error.ts';

const { argv, stdin, stdout, stderr } = process;

const terminal: Console = {
  report: { write: (text) => void stdout.write(text), replaces: false },
  progress: { write: (text) => void stderr.write(text), replaces: stderr.isTTY === true },
  async ask(question) {
    if (!stdin.isTTY) return undefined;
    const lines = createInterface({ input: stdin, output: stderr });
    try {
      return (await lines.question(question)).trim();
    } catch {
      return ''; // Ctrl-C or Ctrl-D
    } finally {
      lines.close();
    }
  },
};

function databaseUrl(): string {
  try {
    return readDatabaseUrl(process.env);
  } catch (error) {
    throw error instanceof ConfigError ? new Refusal(error.message) : error;
  }
}

process.exitCode = await runCommandLine(argv.slice(2), terminal, databaseUrl);
