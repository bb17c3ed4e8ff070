import { CliError } from '../../dev/lib/cli-error.ts';
import { type Cores, divideCores } from './cores.ts';
import { type Database, openDatabase } from './database.ts';
import { type Load, startLoad } from './load.ts';
import { authServiceProgram, compileAhead, programOf, type Surroundings, serviceProgram } from './programs.ts';
import { type Server, startServer } from './server.ts';
import { createTokens, type Tokens } from './tokens.ts';

export interface BenchOptions {
  /** Other checkouts of the service, that take part wherever the service does. */
  serviceDirs: readonly string[];
  profiles?: string | undefined;
}

/** All that surrounds the measured servers. */
export interface Bench {
  cores: Cores;
  database: Database;
  tokens: Tokens;
  load: Load;
  authService: Server;
  surroundings: Surroundings;
  /** What is started with it stops with it, and with the whole at the latest. */
  session(): AsyncDisposableStack;
  /** Starts a server; undefined when this machine lacks it. */
  start(name: string, session: AsyncDisposableStack): Promise<Server | undefined>;
  /** The names, and beside the service the other checkouts of it. */
  withCheckouts(names: readonly string[]): string[];
}

/**
 * Starts PostgreSQL, the load generator and the stand-in of the auth-service; servers are started when asked for. All
 * that is started is stopped with `stack`.
 */
export async function openBench({ serviceDirs, profiles }: BenchOptions, stack: AsyncDisposableStack): Promise<Bench> {
  const cores = divideCores();
  const database = await openDatabase(cores.others);
  stack.defer(database.stop);
  const tokens = createTokens();
  const load = startLoad(cores.others);
  stack.defer(load.stop);
  const authService = await startServer(authServiceProgram(tokens.jwks), cores.others);
  stack.defer(authService.stop);
  const surroundings = { databaseUrl: database.url, authServiceUrl: authService.url, profiles };
  const services = [undefined, ...serviceDirs].map((dir) => serviceProgram(surroundings, dir));
  for (const service of services) compileAhead(service);

  return {
    cores,
    database,
    tokens,
    load,
    authService,
    surroundings,
    session() {
      const session = new AsyncDisposableStack();
      stack.defer(() => session.disposeAsync());
      return session;
    },
    async start(name, session) {
      const program = services.find((one) => one.name === name) ?? programOf(name, surroundings);
      if (program === undefined) return undefined;
      const server = await startServer(program, cores.server);
      session.defer(server.stop);
      return server;
    },
    withCheckouts: (names) => names.flatMap((name) => (name === 'service' ? services.map((one) => one.name) : [name])),
  };
}

/**
 * Starts a server that a study cannot do without.
 * @throws CliError when this machine lacks it
 */
export async function startRequired(bench: Bench, name: string, session: AsyncDisposableStack): Promise<Server> {
  const server = await bench.start(name, session);
  if (server === undefined) throw new CliError(`${name} cannot be run here.`);
  return server;
}
