import { parseArgs } from 'node:util';
import { CliError } from '../../dev/lib/cli-error.ts';

const HELP = `Measures the service beside its peers: npm run bench -- [options]

Without options: every workload and study but the long ones, about half an hour; figures go to bench/results and
docs/PERFORMANCE.md.

  --quick               about a minute: short rounds of the workloads that matter most
  --long                the long ones as well: growth (needs 12 GB of disk) and soak, a quarter of an hour more
  --only a,b            these workloads and studies alone
  --servers a,b         these servers alone
  --rounds n            rounds of each workload (5)
  --seconds n           length of a round of one server (2)
  --connections n       how many connections send at once (32)
  --service-dir path    another checkout of the service takes part, named by its folder; may be repeated
  --profile             writes a CPU profile of each server
  --report              measures nothing: writes docs/PERFORMANCE.md from bench/results
  --help                this text

Figures of a run with other servers, rounds, seconds or connections than by default stay in .dev/bench/results.
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
  /** Whether the figures are not for publishing. */
  isDraft: boolean;
}

const flag = { type: 'boolean', default: false } as const;
const text = { type: 'string' } as const;

/** @throws TypeError, CliError for arguments that `help` does not know */
export function readOptions(args: readonly string[]): Options {
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
  const isSpecial = [servers, rounds, seconds, connections].some((value) => value !== undefined);
  return {
    ...values,
    only: values.only?.split(','),
    servers: servers?.split(','),
    rounds: positive('rounds', rounds ?? (quick ? '3' : '5')),
    seconds: positive('seconds', seconds ?? (quick ? '0.5' : '2')),
    connections: positive('connections', connections ?? '32'),
    serviceDirs: values['service-dir'],
    isDraft: isSpecial || quick || profile || values['service-dir'].length > 0,
  };
}

export function help(names: readonly string[]): string {
  return `${HELP}\nWorkloads and studies: ${names.join(', ')}`;
}

function positive(name: string, value: string): number {
  const number = Number(value);
  if (!(number > 0)) throw new CliError(`--${name} must be a number above 0`);
  return number;
}
