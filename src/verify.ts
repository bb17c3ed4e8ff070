import './exit-on-signals.ts';
import { ConfigError, readDatabaseConfig } from './config.ts';
import { verifyCounters } from './db/verify-counters.ts';
import { verifyTracking } from './features/tracking/verify-tracking.ts';

const { argv, env, stdout, stderr } = process;
const options = argv.slice(2);
const repair = options.includes('--repair');

async function run(): Promise<number> {
  if (options.some((option) => option !== '--repair')) {
    stderr.write('usage: npm run db:verify [-- --repair]\n');
    return 1;
  }
  const { url, pooler } = readDatabaseConfig(env);
  const print = (line: string) => void stderr.write(`${line}\n`);
  const { users, unknown, wrong, differences } = await verifyCounters(url, { repair, pooler, print });
  for (const { userId, counter, value, rows } of differences) {
    stdout.write(`user ${userId}: ${counter} is ${value}, expected ${rows}\n`);
  }
  stdout.write(`${users} users: ${wrong} wrong and ${unknown} unknown counters${repair ? ', all set' : ''}\n`);
  const tracked = await verifyTracking(url, { repair, pooler, print });
  for (const difference of tracked.differences) stdout.write(`${difference}\n`);
  const isRepaired = repair && tracked.wrongSums + tracked.wrongStreaks > 0;
  stdout.write(
    `${tracked.wrongSums} wrong sums and ${tracked.wrongStreaks} wrong streaks${isRepaired ? ', all set' : ''}\n`,
  );
  return wrong + tracked.wrongSums + tracked.wrongStreaks > 0 && !repair ? 1 : 0;
}

try {
  process.exitCode = await run();
} catch (error) {
  const { message } = error as Error;
  stderr.write(`${error instanceof ConfigError ? message : `The verification failed: ${message}`}\n`);
  process.exitCode = 1;
}
