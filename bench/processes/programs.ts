import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findPython } from './python.ts';

/** The issuer and the audience that the service accepts in access tokens. */
export const ISSUER = 'https://auth.bench.example';
export const AUDIENCE = 'user-service';

const PROJECT = fileURLToPath(new URL('../..', import.meta.url));
const SERVERS = fileURLToPath(new URL('../servers', import.meta.url));
const COMPILE_CACHE = join(PROJECT, '.dev/bench/compiled');

const DOCKERFILE = readFileSync(join(PROJECT, 'Dockerfile'), 'utf8');
/** Node's options in the image, with its heap limit. */
const NODE_OPTIONS = findInDockerfile(/NODE_OPTIONS="([^"]+)"/);
/** The memory allocator's option in the image. */
const MALLOC_ARENA_MAX = findInDockerfile(/MALLOC_ARENA_MAX=(\d+)/);
/** Node's options in the image that only the command line accepts. */
const NODE_ARGUMENTS: string[] = JSON.parse(findInDockerfile(/^CMD (\[.*"src\/main\.ts"\])/m)).slice(1, -1);
/** Exits on SIGTERM, because Node writes a CPU profile only on a regular exit. */
const EXIT_ON_SIGTERM = `data:text/javascript,process.once('SIGTERM',()=>setTimeout(()=>process.exit(),2000))`;

/** A command that starts an HTTP server on the port in PORT. */
export interface Program {
  name: string;
  command: readonly string[];
  env: Readonly<Record<string, string>>;
  cwd?: string | undefined;
}

/** The configuration that all programs share. */
export interface ProgramOptions {
  databaseUrl: string;
  authServiceUrl: string;
  /** The folder for CPU profiles. Undefined disables profiling. */
  profiles?: string | undefined;
}

/** The scripts of the peers, with their arguments. */
const PEERS: Readonly<Record<string, readonly [script: string, ...args: string[]] | undefined>> = {
  limit: ['limit.ts'],
  'limit-npm': ['limit.ts', '--published-driver'],
  'limit-sql-json': ['limit-sql-json.ts'],
  'apollo-express': ['apollo-express.ts'],
  yoga: ['yoga.ts'],
  mercurius: ['mercurius.ts'],
  'fastify-rest': ['fastify-rest.ts'],
};

/** Returns the program of a peer; undefined when this machine lacks its runtime. */
export function peerProgram(name: string, options: ProgramOptions): Program | undefined {
  const command = name === 'fastapi' ? fastapiCommand() : nodePeerCommand(name, options);
  const { databaseUrl, authServiceUrl } = options;
  return (
    command && {
      name,
      command,
      env: { NODE_OPTIONS, MALLOC_ARENA_MAX, DATABASE_URL: databaseUrl, AUTH_SERVICE_URL: authServiceUrl },
    }
  );
}

/** Returns the name of another checkout of the service: the name of its folder. */
export function checkoutName(folder: string): string {
  return basename(resolve(folder));
}

/** Returns the program of the service with its production configuration. */
export function serviceProgram(options: ProgramOptions, folder: string = PROJECT): Program {
  const { databaseUrl, authServiceUrl } = options;
  const name = folder === PROJECT ? 'service' : checkoutName(folder);
  return {
    name,
    command: nodeCommand('src/main.ts', name, options),
    cwd: folder,
    env: {
      NODE_OPTIONS,
      MALLOC_ARENA_MAX,
      NODE_COMPILE_CACHE: COMPILE_CACHE,
      HOST: '127.0.0.1',
      LOG_LEVEL: 'info',
      DRAIN_SECONDS: '0',
      DATABASE_URL: databaseUrl,
      AUTH_ISSUER: ISSUER,
      AUTH_AUDIENCE: AUDIENCE,
      AUTH_JWKS_URL: `${authServiceUrl}/jwks`,
      AUTH_SERVICE_URL: authServiceUrl,
      // The writes of the soak study exceed the default limit.
      MAX_BADGES_PER_USER: '1000000',
    },
  };
}

/** Fills the compile cache as the build of the image does: the service compiles, and exits without a configuration. */
export function compileService({ cwd }: Program): void {
  const env = { PATH: process.env.PATH, NODE_OPTIONS, NODE_COMPILE_CACHE: COMPILE_CACHE };
  spawnSync(process.execPath, [...NODE_ARGUMENTS, 'src/main.ts'], { cwd, env });
}

export function authServiceStubProgram(jwks: string): Program {
  return { name: 'auth-service', command: [process.execPath, `${SERVERS}/auth-service-stub.ts`], env: { JWKS: jwks } };
}

/** Returns the program of the gateway that `npm run dev` starts. */
export function gatewayProgram({ authUrl, usersUrl }: { authUrl: string; usersUrl: string }): Program {
  const command = [process.execPath, `${PROJECT}dev/gateway/main.ts`];
  return { name: 'gateway', command, env: { AUTH_URL: authUrl, USERS_URL: usersUrl, HOST: '127.0.0.1' } };
}

function fastapiCommand(): string[] | undefined {
  const python = findPython();
  return python && [python.path, `${SERVERS}/fastapi/main.py`];
}

function nodePeerCommand(name: string, options: ProgramOptions): string[] | undefined {
  const [script, ...args] = PEERS[name] ?? [];
  return script === undefined ? undefined : [...nodeCommand(`${SERVERS}/${script}`, name, options), ...args];
}

function nodeCommand(script: string, name: string, { profiles }: ProgramOptions): string[] {
  const profiling =
    profiles === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${join(profiles, name)}`, '--import', EXIT_ON_SIGTERM];
  return [process.execPath, ...NODE_ARGUMENTS, ...profiling, script];
}

function findInDockerfile(pattern: RegExp): string {
  const [, found] = pattern.exec(DOCKERFILE) ?? [];
  if (found === undefined) throw new Error(`The Dockerfile contains no match for ${pattern}.`);
  return found;
}
