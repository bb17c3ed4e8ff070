import { parseArgs } from 'node:util';

const VERBS = ['inspect', 'migrate', 'verify', 'finalize', 'rollback'] as const;
export type Verb = (typeof VERBS)[number];

export interface Arguments {
  verb: Verb;
  json: boolean;
  dryRun: boolean;
  strict: boolean;
  discardNew: boolean;
  yes: boolean;
  batchSize: number;
}

/** What is wrong with a command line. */
export class UsageError extends Error {}

export const HELP = `npm run legacy -- <command> [options]

Takes a database of the service's first version, at DATABASE_URL, to today's schema. docs/CUTOVER.md is the runbook.

  inspect                what this database is, and what a migration would make of it; changes nothing
  migrate                moves the old tables aside into the schema "legacy" and copies their rows; killed and
                         started again, it goes on where it was
  verify                 proves that every row is where it should be
  rollback               puts the old tables back as they were
  finalize               drops the schema "legacy" for good, after it has verified once more

  --json                 inspect, verify: the report as JSON on standard output
  --dry-run              migrate, rollback, finalize: all of it in one transaction that is rolled back; it keeps the
                         tables locked for as long as it takes
  --strict               verify: whatever was written since counts as a difference
  --discard-new          rollback: also when rows were written since; they are lost
  --yes                  finalize: without asking
  --batch-size <rows>    migrate, verify, rollback, finalize: rows at a time, 50000 by default
  --help                 this text

Exit codes: 0 done, or nothing to do; 1 refused, failed or different; 2 not understood.
`;

const ALLOWED: Record<Verb, string[]> = {
  inspect: ['json'],
  migrate: ['dry-run', 'batch-size'],
  verify: ['json', 'strict', 'batch-size'],
  rollback: ['dry-run', 'discard-new', 'batch-size'],
  finalize: ['dry-run', 'yes', 'batch-size'],
};
const MAX_BATCH = 1_000_000;

/** Undefined when help is asked for. @throws UsageError */
export function readArguments(argv: readonly string[]): Arguments | undefined {
  const { values, positionals } = parse(argv);
  if (values.help) return undefined;
  const { 'dry-run': dryRun, 'discard-new': discardNew, 'batch-size': batchSize = '50000', ...flags } = values;
  const verb = readVerb(positionals);
  const stray = Object.keys(values).find((option) => !ALLOWED[verb].includes(option));
  if (stray !== undefined) throw new UsageError(`${verb} has no option --${stray}.`);
  return {
    verb,
    json: flags.json === true,
    dryRun: dryRun === true,
    strict: flags.strict === true,
    discardNew: discardNew === true,
    yes: flags.yes === true,
    batchSize: readBatchSize(batchSize),
  };
}

function readVerb([name, ...rest]: readonly string[]): Verb {
  const verb = VERBS.find((known) => known === name);
  if (name === undefined) throw new UsageError(`Say what to do: ${VERBS.join(', ')}.`);
  if (verb === undefined) throw new UsageError(`There is no command "${name}"; there are ${VERBS.join(', ')}.`);
  if (rest.length > 0) throw new UsageError(`"${rest.join(' ')}" is too much: one command at a time.`);
  return verb;
}

function parse(argv: readonly string[]) {
  const flag = { type: 'boolean' } as const;
  try {
    return parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: {
        json: flag,
        'dry-run': flag,
        strict: flag,
        'discard-new': flag,
        yes: flag,
        help: { ...flag, short: 'h' },
        'batch-size': { type: 'string' },
      },
    });
  } catch (error) {
    // Node goes on to tell how such an option could be meant as something else.
    throw new UsageError(`${(error as Error).message.split('. ')[0]}.`);
  }
}

function readBatchSize(text: string): number {
  const rows = /^\d{1,7}$/.test(text) ? Number(text) : 0;
  if (rows >= 1 && rows <= MAX_BATCH) return rows;
  throw new UsageError(`--batch-size must be a whole number from 1 to ${MAX_BATCH}.`);
}
