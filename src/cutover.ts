import './exit-on-signals.ts';
import { createInterface } from 'node:readline/promises';
import { ConfigError, readCutoverConfig } from './config.ts';
import { runCommandLine } from './cutover/cli/command-line.ts';
import type { CutoverSettings } from './cutover/cli/commands.ts';
import type { Terminal } from './cutover/cli/terminal.ts';
import { CutoverError } from './cutover/cutover-error.ts';

const { argv, stdin, stdout, stderr } = process;

const terminal: Terminal = {
  report: (text) => void stdout.write(text),
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

function readSettings(): CutoverSettings {
  try {
    const { url, pooler, badgesPerUser, goalsPerUser } = readCutoverConfig(process.env);
    const tableLimits = { badges: badgesPerUser, learning_goals: goalsPerUser };
    if (pooler === 'none') return { databaseUrl: url, tableLimits };
  } catch (error) {
    throw error instanceof ConfigError ? new CutoverError(error.message) : error;
  }
  throw new CutoverError(
    'DATABASE_POOLER is transaction, but the cut-over locks the database for its whole session: ' +
      'set DATABASE_URL to the PostgreSQL server itself, and unset DATABASE_POOLER',
  );
}

process.exitCode = await runCommandLine(argv.slice(2), terminal, readSettings);
