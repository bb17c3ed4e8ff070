import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findPython } from './python.ts';
import type { Program } from './server.ts';
import { AUDIENCE, ISSUER } from './tokens.ts';

const PROJECT = fileURLToPath(new URL('../..', import.meta.url));
const SERVERS = fileURLToPath(new URL('../servers', import.meta.url));

const DOCKERFILE = readFileSync(join(PROJECT, 'Dockerfile'), 'utf8');
/**
 * Every server on Node has what our image gives Node, and as much memory for long-lived objects as Node would allow itself
 * in a container of 512 MB. By itself it would go by the machine's.
 */
const NODE_OPTIONS = `${inDockerfile(/NODE_OPTIONS=(\S+)/)} --max-old-space-size=256`;
/** What Node takes on its command line only. */
const ARGUMENTS: string[] = JSON.parse(inDockerfile(/^CMD (\[.*\])/m)).slice(1, -1);
const COMPILED = join(PROJECT, '.dev/bench/compiled');

/** A profile is written at the end of a process, and a signal that nobody handles ends it before. */
const EXIT_IN_ORDER = `data:text/javascript,process.once('SIGTERM',()=>setTimeout(()=>process.exit(),2000))`;

/** Where the servers find what they need. */
export interface Surroundings {
  databaseUrl: string;
  authServiceUrl: string;
  /** The folder that Node's CPU profiles go to; nothing is profiled without. */
  profiles?: string | undefined;
}

const PEERS: Readonly<Record<string, string | undefined>> = {
  limit: 'limit.ts',
  'limit-sql-json': 'limit-sql-json.ts',
  'apollo-express': 'apollo-express.ts',
  yoga: 'yoga.ts',
  mercurius: 'mercurius.ts',
  'fastify-rest': 'fastify-rest.ts',
};

/** What is run for a server's name; undefined where this machine lacks it. */
export function programOf(name: string, surroundings: Surroundings): Program | undefined {
  const command = name === 'fastapi' ? fastapi() : peer(name, surroundings);
  const { databaseUrl, authServiceUrl } = surroundings;
  return (
    command && { name, command, env: { NODE_OPTIONS, DATABASE_URL: databaseUrl, AUTH_SERVICE_URL: authServiceUrl } }
  );
}

function inDockerfile(wanted: RegExp): string {
  const [, found] = wanted.exec(DOCKERFILE) ?? [];
  if (found === undefined) throw new Error(`the Dockerfile has no ${wanted}`);
  return found;
}

/** The service as in production: it checks tokens, keeps its limits, logs and counts, and has been compiled ahead. */
export function serviceProgram(surroundings: Surroundings, folder: string = PROJECT): Program {
  const { databaseUrl, authServiceUrl } = surroundings;
  const name = folder === PROJECT ? 'service' : basename(resolve(folder));
  return {
    name,
    command: node('src/main.ts', name, surroundings),
    cwd: folder,
    env: {
      NODE_OPTIONS,
      NODE_COMPILE_CACHE: COMPILED,
      HOST: '127.0.0.1',
      LOG_LEVEL: 'info',
      DRAIN_SECONDS: '0',
      DATABASE_URL: databaseUrl,
      AUTH_ISSUER: ISSUER,
      AUTH_AUDIENCE: AUDIENCE,
      AUTH_JWKS_URL: `${authServiceUrl}/jwks`,
      AUTH_SERVICE_URL: authServiceUrl,
      // In ten minutes of writing, people get more of them than anybody has.
      MAX_BADGES_PER_USER: '1000000',
    },
  };
}

/** Does for a checkout of the service what the image's build does: it runs without a configuration, which compiles it. */
export function compileAhead({ cwd }: Program): void {
  const env = { PATH: process.env.PATH, NODE_OPTIONS, NODE_COMPILE_CACHE: COMPILED };
  spawnSync(process.execPath, [...ARGUMENTS, 'src/main.ts'], { cwd, env });
}

/** The stand-in of the auth-service. */
export function authServiceProgram(jwks: string): Program {
  return { name: 'auth-service', command: [process.execPath, `${SERVERS}/auth-service.ts`], env: { JWKS: jwks } };
}

function fastapi(): string[] | undefined {
  const python = findPython();
  return python && [python.path, `${SERVERS}/fastapi/main.py`];
}

function peer(name: string, surroundings: Surroundings): string[] | undefined {
  const file = PEERS[name];
  return file === undefined ? undefined : node(`${SERVERS}/${file}`, name, surroundings);
}

function node(script: string, name: string, { profiles }: Surroundings): string[] {
  if (profiles === undefined) return [process.execPath, ...ARGUMENTS, script];
  const folder = join(profiles, name);
  return [process.execPath, ...ARGUMENTS, '--cpu-prof', `--cpu-prof-dir=${folder}`, '--import', EXIT_IN_ORDER, script];
}

/** The gateway of `npm run dev`. */
export function gatewayProgram({ authUrl, usersUrl }: { authUrl: string; usersUrl: string }): Program {
  const command = [process.execPath, `${PROJECT}dev/gateway/main.ts`];
  return { name: 'gateway', command, env: { AUTH_URL: authUrl, USERS_URL: usersUrl, HOST: '127.0.0.1' } };
}
