import { openSession, type Session, tryLockDatabase } from '../../db/maintenance.ts';
import { migrateLegacy } from '../copy/migrate-database.ts';
import { Refusal } from '../cutover-error.ts';
import { finalize } from '../finish/finalize.ts';
import { rollback } from '../finish/rollback.ts';
import { inspect } from '../inspect/inspect.ts';
import { listOtherSessions } from '../postgres/catalog.ts';
import { requireMigration, type Step } from '../state/migration-state.ts';
import { isSound, verifyMigration } from '../verify/verify-migration.ts';
import type { Arguments, Verb } from './arguments.ts';
import { type Output, Progress } from './progress-reporter.ts';
import { describeFindings, describeInspection, describeMigrated, describeRollback } from './reports.ts';

/** The people and pipes at the other end. */
export interface Console {
  report: Output;
  /** For what goes on meanwhile; apart from the report, so that this can be read by a program. */
  progress: Output;
  /** What somebody types in answer to a question; undefined when nobody is there. */
  ask(question: string): Promise<string | undefined>;
}

interface Command {
  session: Session;
  args: Arguments;
  say(lines: readonly string[]): void;
  progress: Progress;
  ask: Console['ask'];
}

const STEPS: Record<Step | 'move aside' | 'go on', string> = {
  'go on': 'Going on with the migration that is under way',
  'move aside': 'Moving the old tables into the schema legacy, and making the new ones',
  people: 'Copying references to people',
  badges: 'Copying badges',
  learning_goals: 'Copying learning goals',
  analyze: 'Gathering statistics',
  done: 'Done',
};

const COMMANDS: Record<Verb, (command: Command) => Promise<boolean>> = {
  async inspect({ session, args, say }) {
    const found = await inspect(session);
    say(args.json ? [JSON.stringify(found, null, 2)] : describeInspection(found));
    return found.state !== 'unknown';
  },

  async migrate({ session, args, say, progress }) {
    for (const { application, sessions } of await listOtherSessions(session)) {
      progress.say(`Also connected: ${application}, ${sessions} ${sessions === 1 ? 'session' : 'sessions'}`);
    }
    if (args.dryRun) progress.say('A dry run: the old tables are locked until it has come to its end');
    const migrated = await migrateLegacy(session, {
      ...watching(args, progress),
      dryRun: args.dryRun,
      onStep: (step) => progress.say(STEPS[step]),
    });
    say(describeMigrated(migrated));
    return migrated.kind !== 'dry run' || isSound(migrated.findings, { strict: true });
  },

  async verify({ session, args, say, progress }) {
    const migration = await requireMigration(session);
    if (migration.step !== 'done') {
      throw new Refusal(`The migration is at the step ${migration.step}: run \`npm run legacy -- migrate\` first.`);
    }
    const findings = await verifyMigration(session, migration, watching(args, progress));
    const verified = isSound(findings, args);
    say(args.json ? [JSON.stringify({ verified, ...findings }, null, 2)] : describeFindings(findings, args));
    return verified;
  },

  async rollback({ session, args, say, progress }) {
    const options = { ...watching(args, progress), dryRun: args.dryRun, discardNew: args.discardNew };
    say(describeRollback(await rollback(session, options), args));
    return true;
  },

  async finalize({ session, args, say, progress, ask }) {
    const [database] = await session<{ name: string }[]>`select current_database() as name`;
    const confirm = async (): Promise<boolean> => {
      if (args.yes) return true;
      const typed = await ask(
        `This drops the schema legacy of ${database?.name} for good: the old tables, the orphans and all notes.\n` +
          'Type the name of the database to go on: ',
      );
      if (typed === undefined) throw new Refusal('Nobody is there to confirm it: say --yes.');
      return typed === database?.name;
    };
    const findings = await finalize(session, { ...watching(args, progress), dryRun: args.dryRun, confirm });
    say(describeFindings(findings, { strict: false }));
    if (!isSound(findings, { strict: false })) return false;
    say([args.dryRun ? 'This was a dry run: the schema legacy is still there.' : 'The schema legacy is gone.']);
    return true;
  },
};

const SESSION = {
  TimeZone: 'UTC',
  DateStyle: 'ISO',
  standard_conforming_strings: 'on',
  search_path: 'public',
  default_transaction_isolation: 'read committed',
  // Rows that a policy hides from this role would be lost: rather an error.
  row_security: 'off',
  // The server is to notice soon when this process is gone: until then it keeps the lock.
  client_connection_check_interval: '2000',
  tcp_keepalives_idle: '30',
  tcp_keepalives_interval: '10',
  tcp_keepalives_count: '3',
};

/** What changes a database does so alone. */
const ALONE: readonly Verb[] = ['migrate', 'rollback', 'finalize'];

/**
 * Runs one command to its end, and answers whether it has done what it is for.
 * @throws Refusal, or whatever the database had to say
 */
export async function runCommand(databaseUrl: string, args: Arguments, console: Console): Promise<boolean> {
  const session = await openSession(databaseUrl, { application_name: `user-service legacy ${args.verb}`, ...SESSION });
  try {
    if (ALONE.includes(args.verb) && !(await tryLockDatabase(session))) {
      throw new Refusal(
        'Another migration, or another of these commands, is at work on this database: wait for its end.',
      );
    }
    const say = (lines: readonly string[]) => console.report.write(lines.map((line) => `${line}\n`).join(''));
    return await COMMANDS[args.verb]({
      session,
      args,
      say,
      progress: new Progress(console.progress),
      ask: console.ask,
    });
  } finally {
    await session.end({ timeout: 5 });
  }
}

function watching({ batchSize }: Arguments, progress: Progress) {
  return { batchSize, onProgress: progress.update.bind(progress) };
}
