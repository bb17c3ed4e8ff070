import { parseArgs } from 'node:util';
import { URLS } from './config.ts';
import { seedDemo } from './demo/seed.ts';
import { CliError } from './lib/cli-error.ts';
import { printError } from './lib/output.ts';
import { openDatabases } from './supervisor/databases.ts';
import { printInstructions } from './supervisor/instructions.ts';
import { prepare } from './supervisor/prepare.ts';
import { startAuthServiceProcess, startGatewayProcess, startUserServiceProcess } from './supervisor/services.ts';
import { installShutdownHandlers } from './supervisor/shutdown-handlers.ts';
import { createSupervisor, type Supervisor } from './supervisor/supervisor.ts';

const { DATABASE_URL } = process.env;

async function start(supervisor: Supervisor): Promise<void> {
  await prepare({ fresh: readFreshOption(), embedded: !DATABASE_URL });
  const databases = await openDatabases(supervisor, DATABASE_URL);
  const gateway = supervisor.add(startGatewayProcess());
  await supervisor.add(startAuthServiceProcess(databases)).ready;
  await supervisor.add(startUserServiceProcess(databases)).ready;
  await gateway.ready;
  await seedDemo({ authUrl: URLS.authService, graphqlUrl: URLS.gateway });
  printInstructions(databases);
}

function readFreshOption(): boolean {
  try {
    return parseArgs({ options: { fresh: { type: 'boolean', default: false } } }).values.fresh;
  } catch (error) {
    throw new CliError(
      `${(error as Error).message}. The only option is --fresh, which deletes the data of earlier runs.`,
    );
  }
}

async function main(): Promise<void> {
  const supervisor = createSupervisor();
  installShutdownHandlers(supervisor);
  // Keep running when the reader of our output closes the pipe.
  process.stdout.on('error', () => {});
  try {
    await Promise.race([start(supervisor), supervisor.failure]);
    await supervisor.failure;
  } catch (error) {
    // During a shutdown, processes fail to become ready; the shutdown handler ends this process.
    if (supervisor.isStopping()) return;
    printError(error instanceof CliError ? error.message : String((error as Error).stack));
    await supervisor.stop();
    process.exit(1);
  }
}

await main();
