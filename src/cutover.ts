import { createInterface } from 'node:readline/promises';
import { ConfigError, readDatabaseUrl } from './config.ts';
import { runCommandLine } from './cutover/cli/command-line.ts';
import type { Terminal } from './cutover/cli/terminal.ts';
import { CutoverError } from './cutover/cutover-error.ts';

const { argv, stdin, stdout, stderr } = process;

const terminal: Terminal = {
  report: { write: (text) => void stdout.write(text), isTerminal: false },
  progress: { write: (text) => void stderr.write(text), isTerminal: stderr.isTTY === true },
  async prompt(question) {
    if (!stdin.isTTY) return undefined;
    const readline = createInterface({ input: stdin, output: stderr });
    try {
      return (await readline.question(question)).trim();
    } catch {
      return ''; // Ctrl-C or Ctrl-D
    } finally {
      readline.close();
    }
  },
};

function getDatabaseUrl(): string {
  try {
    return readDatabaseUrl(process.env);
  } catch (error) {
    throw error instanceof ConfigError ? new CutoverError(error.message) : error;
  }
}

process.exitCode = await runCommandLine(argv.slice(2), terminal, getDatabaseUrl);
