import { parseArgs } from 'node:util';

export const HELP = `Measures the service beside its peers: npm run bench -- [options]

  --quick               about a minute: short rounds, the workloads that matter most
  --only a,b            these workloads alone
  --servers a,b         these servers alone
  --rounds n            rounds of each workload
  --seconds n           length of a round of one server
  --connections n       how many connections send at once (32)
  --service-dir path    another checkout of the service takes part, named by its folder; may be repeated
  --profile             writes a CPU profile of each server
  --help                this text`;

export interface Options {
  quick: boolean;
  workloads: readonly string[] | undefined;
  servers: readonly string[] | undefined;
  rounds: number;
  seconds: number;
  connections: number;
  serviceDirs: readonly string[];
  profile: boolean;
  help: boolean;
}

/** @throws TypeError for an argument that is not in HELP */
export function readOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      quick: { type: 'boolean', default: false },
      only: { type: 'string' },
      servers: { type: 'string' },
      rounds: { type: 'string' },
      seconds: { type: 'string' },
      connections: { type: 'string', default: '32' },
      'service-dir': { type: 'string', multiple: true, default: [] },
      profile: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  const { quick } = values;
  return {
    quick,
    workloads: values.only?.split(','),
    servers: values.servers?.split(','),
    rounds: positive('rounds', values.rounds ?? (quick ? '3' : '9')),
    seconds: positive('seconds', values.seconds ?? (quick ? '0.5' : '3')),
    connections: positive('connections', values.connections),
    serviceDirs: values['service-dir'],
    profile: values.profile,
    help: values.help,
  };
}

function positive(name: string, text: string): number {
  const number = Number(text);
  if (!(number > 0)) throw new TypeError(`--${name} must be a number above 0`);
  return number;
}
