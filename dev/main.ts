import { parseArgs } from 'node:util';
import { seedDemo } from './demo.ts';
import { saySorry } from './lib/say.ts';
import { URLS } from './run/addresses.ts';
import { openDatabases } from './run/databases.ts';
import { prepare } from './run/prepare.ts';
import { Problem } from './run/problem.ts';
import { startAuthProcess, startGatewayProcess, startUserService } from './run/services.ts';
import { createStack, type Stack } from './run/stack.ts';
import { stopOnSignals } from './run/stop-on-signals.ts';
import { welcome } from './run/welcome.ts';

const { DATABASE_URL } = process.env;

async function start(stack: Stack): Promise<void> {
  await prepare({ fresh: wantsFresh(), embedded: !DATABASE_URL });
  const databases = await openDatabases(stack, DATABASE_URL);
  const gateway = stack.add(startGatewayProcess());
  await stack.add(startAuthProcess(databases)).ready;
  await stack.add(startUserService(databases)).ready;
  await gateway.ready;
  await seedDemo({ authUrl: URLS.authService, graphqlUrl: URLS.gateway });
  welcome(databases);
}

function wantsFresh(): boolean {
  try {
    return parseArgs({ options: { fresh: { type: 'boolean', default: false } } }).values.fresh;
  } catch (error) {
    throw new Problem(
      `${(error as Error).message}. The one option is --fresh: start over without the data of earlier runs.`,
    );
  }
}

async function main(): Promise<void> {
  const stack = createStack();
  stopOnSignals(stack);
  // Whoever read our output has left; that is no reason to stop.
  process.stdout.on('error', () => {});
  try {
    await Promise.race([start(stack), stack.trouble]);
    await stack.trouble;
  } catch (error) {
    // Being stopped, parts fail to get ready: the signal's handler ends this process.
    if (stack.isStopping()) return;
    saySorry(error instanceof Problem ? error.message : String((error as Error).stack));
    await stack.stop();
    process.exit(1);
  }
}

await main();
