import { parseArgs } from 'node:util';
import { Problem as CliError } from '../../dev/run/problem.ts';

const HELP = `Compares the service with other servers: npm run bench -- [options]

Without options: runs all workloads and studies but the long ones in about half an hour, and writes bench/results and
docs/PERFORMANCE.md.

  --quick               short rounds of the most important workloads, about a minute
  --long                also the long studies: growth (needs 12 GB of disk) and soak, 15 minutes more
  --only a,b            only these workloads and studies
  --servers a,b         only these servers
  --rounds n            rounds of each workload (5)
  --seconds n           length of a round of one server (2)
  --connections n       connections that send requests at the same time (32)
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
  serviceDirs: readonly string[];
  profile: boolean;
  report: boolean;
  help: boolean;
  /** Whether the results go to bench/results and docs/PERFORMANCE.md. */
  publish: boolean;
}

/** @throws TypeError, CliError for unknown options or invalid values */
export function readOptions(args: readonly string[]): Options {
  const flag = { type: 'boolean', default: false } as const;
  const text = { type: 'string' } as const;
  const { values } = parseArgs({
    args: [...args],
    options: {
      quick: flag,
      long: flag,
      only: text,
      servers: text,
      rounds: text,
      seconds: text,
      connections: text,
      'service-dir': { type: 'string', multiple: true, default: [] },
      profile: flag,
      report: flag,
      help: flag,
    },
  });
  const { quick, servers, rounds, seconds, connections, profile } = values;
  const isCustomized = [servers, rounds, seconds, connections].some((value) => value !== undefined);
  return {
    ...values,
    only: values.only?.split(','),
    servers: servers?.split(','),
    rounds: positiveNumber('rounds', rounds ?? (quick ? '3' : '5')),
    seconds: positiveNumber('seconds', seconds ?? (quick ? '0.5' : '2')),
    connections: positiveNumber('connections', connections ?? '32'),
    serviceDirs: values['service-dir'],
    publish: !(isCustomized || quick || profile || values['service-dir'].length > 0),
  };
}

export function helpText(names: readonly string[]): string {
  return `${HELP}\nWorkloads and studies: ${names.join(', ')}`;
}

function positiveNumber(option: string, value: string): number {
  const number = Number(value);
  if (!(number > 0)) throw new CliError(`--${option} must be a number above 0, but is "${value}".`);
  return number;
}
