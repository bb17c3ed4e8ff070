import { parseArgs } from 'node:util';
import { CliError } from '../../dev/lib/cli-error.ts';

const HELP = `Compares the service with other servers: npm run bench -- [options]

Without options: runs all workloads and studies but the long ones in about 45 minutes, and writes bench/results and
docs/PERFORMANCE.md.

  --quick               short rounds of the most important workloads, about a minute
  --long                also the long studies: growth (needs 12 GB of disk), activity-growth (needs 17 GB) and soak,
                        25 minutes more
  --only a,b            only these workloads and studies
  --servers a,b         only these servers
  --rounds n            rounds of each workload (5)
  --seconds n           length of a round of one server (2)
  --connections n       connections that send requests at the same time (32)
  --compare commit      measures only the service and this commit of it, in workloads only; can be repeated
  --service-dir path    adds another checkout of the service, named after its folder; can be repeated
  --profile             writes a CPU profile of each server
  --report              measures nothing, and writes docs/PERFORMANCE.md from bench/results
  --help                prints this text

Runs with --quick, --profile, or other servers, versions, rounds, seconds or connections are not published: their
results go to .dev/bench/results.
`;

export interface Options {
  quick: boolean;
  long: boolean;
  only: readonly string[] | undefined;
  servers: readonly string[] | undefined;
  rounds: number;
  seconds: number;
  connections: number;
  /** Commits to compare the service with. */
  compare: readonly string[];
  serviceDirs: readonly string[];
  profile: boolean;
  report: boolean;
  help: boolean;
  /** Whether the results go to bench/results and docs/PERFORMANCE.md. */
  publish: boolean;
}

/** @throws CliError for unknown options or invalid values */
export function readOptions(args: readonly string[]): Options {
  const values = parse(args);
  const { quick, servers, rounds, seconds, connections, compare, profile } = values;
  const serviceDirs = values['service-dir'];
  const isCustomized = [servers, rounds, seconds, connections].some((value) => value !== undefined);
  const hasOtherVersions = compare.length > 0 || serviceDirs.length > 0;
  return {
    ...values,
    only: values.only?.split(','),
    servers: servers?.split(','),
    rounds: positiveNumber('rounds', rounds ?? (quick ? '3' : '5')),
    seconds: positiveNumber('seconds', seconds ?? (quick ? '0.5' : '2')),
    connections: positiveNumber('connections', connections ?? '32'),
    serviceDirs,
    publish: !(isCustomized || hasOtherVersions || quick || profile),
  };
}

function parse(args: readonly string[]) {
  const flag = { type: 'boolean', default: false } as const;
  const text = { type: 'string' } as const;
  const list = { type: 'string', multiple: true, default: [] as string[] } as const;
  try {
    return parseArgs({
      args: [...args],
      options: {
        quick: flag,
        long: flag,
        only: text,
        servers: text,
        rounds: text,
        seconds: text,
        connections: text,
        compare: list,
        'service-dir': list,
        profile: flag,
        report: flag,
        help: flag,
      },
    }).values;
  } catch (error) {
    throw new CliError(`${(error as Error).message}. --help lists the options.`);
  }
}

export function helpText(names: readonly string[]): string {
  return `${HELP}\nWorkloads and studies: ${names.join(', ')}`;
}

function positiveNumber(option: string, value: string): number {
  const number = Number(value);
  if (!(number > 0)) throw new CliError(`--${option} must be a number above 0, but is "${value}".`);
  return number;
}
