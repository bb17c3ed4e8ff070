import { Problem } from '../../dev/run/problem.ts';
import { type Cores, divideCores } from './cores.ts';
import { type Database, openDatabase } from './database.ts';
import { type Load, startLoad } from './load.ts';
import { authServiceProgram, programOf, type Surroundings, serviceProgram } from './programs.ts';
import { type Server, startServer } from './server.ts';
import { createTokens, type Tokens } from './tokens.ts';

export interface BenchOptions {
  /** Other checkouts of the service, that take part wherever the service does. */
  serviceDirs: readonly string[];
  profiles?: string | undefined;
}

/** All that surrounds the measured servers, and those of them that run. */
export interface Bench {
  cores: Cores;
  database: Database;
  tokens: Tokens;
  load: Load;
  authService: Server;
  surroundings: Surroundings;
  /** Starts a server that does not run yet; undefined when this machine lacks it. */
  server(name: string): Promise<Server | undefined>;
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
  const checkouts = new Map(serviceDirs.map((dir) => serviceProgram(surroundings, dir)).map((one) => [one.name, one]));
  const running = new Map<string, Promise<Server>>();

  return {
    cores,
    database,
    tokens,
    load,
    authService,
    surroundings,
    async server(name) {
      const known = running.get(name);
      if (known !== undefined) return known;
      const own = name === 'service' ? serviceProgram(surroundings) : checkouts.get(name);
      const program = own ?? programOf(name, surroundings);
      if (program === undefined) return undefined;
      const started = startServer(program, cores.server);
      running.set(name, started);
      stack.defer((await started).stop);
      return started;
    },
    withCheckouts: (names) => names.flatMap((name) => (name === 'service' ? [name, ...checkouts.keys()] : [name])),
  };
}

/**
 * A server that a study cannot do without.
 * @throws Problem when this machine lacks it
 */
export async function requireServer(bench: Bench, name: string): Promise<Server> {
  const server = await bench.server(name);
  if (server === undefined) throw new Problem(`${name} cannot be run here.`);
  return server;
}
