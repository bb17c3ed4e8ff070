import { CliError } from '../../dev/lib/cli-error.ts';
import { type Database, startDatabase } from '../database/database.ts';
import { type LoadGenerator, startLoadGenerator } from '../load-generator/load-generator.ts';
import { allocateCores, type CpuAllocation } from '../processes/cpu-pinning.ts';
import {
  authServiceStubProgram,
  compileService,
  type ProgramOptions,
  peerProgram,
  serviceProgram,
} from '../processes/programs.ts';
import { type ServerProcess, startServer } from '../processes/server-process.ts';
import { type AccessTokens, createAccessTokens } from './access-tokens.ts';

interface EnvironmentOptions {
  /** Other checkouts of the service, which take part in every workload of the service. */
  serviceDirs: readonly string[];
  /** The folder for CPU profiles. Undefined disables profiling. */
  profiles?: string | undefined;
}

/** The processes around the measured servers. */
export interface Environment {
  cores: CpuAllocation;
  database: Database;
  tokens: AccessTokens;
  load: LoadGenerator;
  authService: ServerProcess;
  programOptions: ProgramOptions;
  /** Returns a stack for the servers of one measurement. It is disposed at the end of the run at the latest. */
  openStack(): AsyncDisposableStack;
  /** Starts a server, by default on the URL of the database; undefined when this machine lacks its runtime. */
  start(name: string, stack: AsyncDisposableStack, databaseUrl?: string): Promise<ServerProcess | undefined>;
  /** Adds the other versions of the service to a list of servers that contains the service. */
  withServiceVersions(names: readonly string[]): string[];
}

/** Starts PostgreSQL, the load generator and the auth-service stub. Disposing `stack` stops them. */
export async function startEnvironment(options: EnvironmentOptions, stack: AsyncDisposableStack): Promise<Environment> {
  const cores = allocateCores();
  const database = await startDatabase(cores.others);
  stack.defer(database.stop);
  const tokens = createAccessTokens();
  const load = startLoadGenerator(cores.others);
  stack.defer(load.stop);
  const authService = await startServer(authServiceStubProgram(tokens.jwks), cores.others);
  stack.defer(authService.stop);
  const programOptions = { databaseUrl: database.url, authServiceUrl: authService.url, profiles: options.profiles };
  const versions = [undefined, ...options.serviceDirs].map((folder) => serviceProgram(programOptions, folder));
  for (const version of versions) compileService(version);

  return {
    cores,
    database,
    tokens,
    load,
    authService,
    programOptions,
    openStack() {
      const nested = new AsyncDisposableStack();
      stack.defer(() => nested.disposeAsync());
      return nested;
    },
    async start(name, serverStack, databaseUrl = database.url) {
      const program = versions.find((version) => version.name === name) ?? peerProgram(name, programOptions);
      if (program === undefined) return undefined;
      const env = { ...program.env, DATABASE_URL: databaseUrl };
      const server = await startServer({ ...program, env }, cores.server);
      serverStack.defer(server.stop);
      return server;
    },
    withServiceVersions: (names) =>
      names.flatMap((name) => (name === 'service' ? versions.map((version) => version.name) : [name])),
  };
}

/**
 * Starts a server that a study requires.
 * @throws CliError when this machine lacks its runtime
 */
export async function startRequired(
  environment: Environment,
  name: string,
  stack: AsyncDisposableStack,
): Promise<ServerProcess> {
  const server = await environment.start(name, stack);
  if (server === undefined) throw new CliError(`Cannot start ${name}: this machine lacks its runtime.`);
  return server;
}
