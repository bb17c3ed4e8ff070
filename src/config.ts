import type { AuthenticatorOptions } from './auth/authenticate.ts';
import type { AuthServiceOptions } from './auth-service/client.ts';
import { type Pooler, parseDatabaseUrl } from './db/database-url.ts';
import { type Env, EnvReader, quote, type UnknownVariable } from './lib/env-reader.ts';
import { readTracing, type TracingOptions } from './lib/tracing-options.ts';
import { VERB } from './lib/verb.ts';

export interface Config {
  host: string;
  port: number;
  /** The port of health and metrics; without it they are on `port`. */
  operationsPort: number | undefined;
  logLevel: LogLevel;
  playground: boolean;
  /** The playground signs demo users in there. */
  playgroundSignInUrl: string | undefined;
  /** Whether `/docs` and `/openapi.json` exist. */
  docs: boolean;
  database: DatabaseConfig & { poolSize: number; migrateOnStart: boolean };
  tokens: AuthenticatorOptions;
  authService: AuthServiceOptions;
  /** Accepted values of `Router-Authorization`; empty when no secret is required. */
  gatewaySecrets: readonly string[];
  limits: RowLimits & {
    entities: number;
    /** The verbs of activities that users may record for themselves. */
    selfReportedVerbs: readonly string[];
  };
  load: {
    requestsInFlight: number;
    /** Per user, or per address for anonymous requests; 0 is no limit. */
    requestsPerMinute: number;
  };
  /** Undefined when tracing is off. */
  tracing: TracingOptions | undefined;
  /** Origins whose pages may call the service. */
  corsOrigins: readonly string[];
  /** Seconds for which caches may store public GraphQL responses; 0 for none. */
  cacheMaxAgeSeconds: number;
  /** How long the service serves requests after readiness fails, so that routers notice. */
  drainSeconds: number;
  unknownVariables: readonly UnknownVariable[];
}

/** The maximum numbers of rows of a user. */
interface RowLimits {
  badgesPerUser: number;
  goalsPerUser: number;
}

interface DatabaseConfig {
  /** A URL that `parseDatabaseUrl` accepts. */
  url: string;
  pooler: Pooler;
}

const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;
type LogLevel = (typeof LOG_LEVELS)[number];
const ASYMMETRIC = ['RS256', 'ES256', 'EdDSA'] as const;
/** 0 is any free port. */
const PORTS = { min: 0, max: 65535 };
const SELF_REPORTED_VERBS = ['check-in', 'lesson.completed', 'practice'];
const USER_FIELD = /^(username|displayName|avatarUrl)(:[_A-Za-z]\w*)?$/;

/** An unusable configuration: one line for each missing or malformed variable. */
export class ConfigError extends Error {
  constructor(problems: readonly string[]) {
    super(`The configuration is not usable:\n${problems.map((problem) => `  - ${problem}`).join('\n')}`);
    this.name = 'ConfigError';
  }
}

/**
 * Reads the service's settings, which docs/CONFIGURATION.md lists. An empty variable counts as absent.
 * @throws {ConfigError} naming every problem at once
 */
export function readConfig(env: Env): Config {
  const read = new EnvReader(env);
  const production = read.oneOf('NODE_ENV', ['development', 'test', 'production'], 'development') === 'production';
  const port = read.integer('PORT', { ...PORTS, fallback: 4002 });
  const config: Config = {
    host: read.text('HOST', '0.0.0.0'),
    port,
    operationsPort: readOperationsPort(read, port),
    logLevel: read.oneOf('LOG_LEVEL', LOG_LEVELS, 'info'),
    playground: read.flag('PLAYGROUND', !production),
    playgroundSignInUrl: read.optionalUrl('PLAYGROUND_SIGN_IN_URL'),
    docs: read.flag('DOCS', true),
    database: {
      ...readDatabase(read),
      poolSize: read.integer('DATABASE_POOL_SIZE', { fallback: 10, min: 1, max: 1000 }),
      migrateOnStart: read.flag('MIGRATE_ON_START', false),
    },
    tokens: readTokens(read),
    authService: {
      url: readAuthServiceUrl(read),
      lookup: read.oneOf('AUTH_SERVICE_LOOKUP', ['graphql', 'rest'], 'graphql'),
      token: readAuthServiceToken(read),
      userFields: readUserFields(read),
    },
    gatewaySecrets: readGatewaySecrets(read),
    limits: {
      ...readRowLimits(read),
      entities: read.integer('MAX_ENTITIES', { fallback: 1000, min: 1, max: 10_000 }),
      selfReportedVerbs: readVerbs(read),
    },
    load: {
      requestsInFlight: read.integer('MAX_REQUESTS_IN_FLIGHT', { fallback: 1000, min: 1, max: 100_000 }),
      requestsPerMinute: read.integer('RATE_LIMIT_PER_MINUTE', { fallback: 0, min: 0, max: 1_000_000 }),
    },
    tracing: readTracing(read),
    corsOrigins: readOrigins(read),
    cacheMaxAgeSeconds: read.integer('CACHE_MAX_AGE_SECONDS', { fallback: 0, min: 0, max: 86_400 }),
    drainSeconds: read.integer('DRAIN_SECONDS', { fallback: production ? 5 : 0, min: 0, max: 60 }),
    unknownVariables: read.unknown(),
  };
  requireNoProblems(read);
  return config;
}

/** Reads the settings of the database alone. @throws {ConfigError} */
export const readDatabaseConfig = (env: Env): DatabaseConfig => readPart(env, readDatabase);

/** Reads the settings of the cut-over. @throws {ConfigError} */
export const readCutoverConfig = (env: Env): DatabaseConfig & RowLimits =>
  readPart(env, (read) => ({ ...readDatabase(read), ...readRowLimits(read) }));

/** Reads settings for a command that needs no others. */
function readPart<Part>(env: Env, readFrom: (read: EnvReader) => Part): Part {
  const read = new EnvReader(env);
  const part = readFrom(read);
  requireNoProblems(read);
  return part;
}

function readDatabase(read: EnvReader): DatabaseConfig {
  const url = read.required('DATABASE_URL');
  try {
    if (url !== '') parseDatabaseUrl(url);
  } catch (error) {
    read.problem(`DATABASE_URL ${(error as Error).message}`);
  }
  return { url, pooler: read.oneOf('DATABASE_POOLER', ['none', 'transaction'], 'none') };
}

function readRowLimits(read: EnvReader): RowLimits {
  return {
    badgesPerUser: read.integer('MAX_BADGES_PER_USER', { fallback: 1000, min: 0, max: 1_000_000 }),
    goalsPerUser: read.integer('MAX_GOALS_PER_USER', { fallback: 500, min: 0, max: 1_000_000 }),
  };
}

function readOperationsPort(read: EnvReader, port: number): number | undefined {
  if (read.optional('OPERATIONS_PORT') === undefined) return undefined;
  const operationsPort = read.integer('OPERATIONS_PORT', { ...PORTS, fallback: 0 });
  if (operationsPort === port && port !== 0) read.problem('OPERATIONS_PORT must differ from PORT');
  return operationsPort;
}

function readTokens(read: EnvReader): AuthenticatorOptions {
  const secret = read.optional('AUTH_JWT_SECRET');
  const jwksUrl = read.optionalUrl('AUTH_JWKS_URL');
  if ((jwksUrl === undefined) === (secret === undefined))
    read.problem('exactly one of AUTH_JWKS_URL and AUTH_JWT_SECRET must be set');
  if (secret !== undefined && Buffer.byteLength(secret) < 32) {
    read.problem('AUTH_JWT_SECRET must have at least 32 bytes');
  }
  const algorithms = readAlgorithms(read, secret === undefined ? ASYMMETRIC : ['HS256']);
  return {
    issuer: read.required('AUTH_ISSUER'),
    audience: read.required('AUTH_AUDIENCE'),
    keys: secret === undefined ? { jwksUrl: jwksUrl ?? '' } : { secret },
    algorithms,
    maxAgeSeconds: read.integer('AUTH_MAX_TOKEN_AGE_SECONDS', { fallback: 86_400, min: 60, max: 31_536_000 }),
  };
}

/** Reads the algorithms of tokens. A list without an algorithm, such as `,`, is an error: it would allow all. */
function readAlgorithms(read: EnvReader, possible: readonly string[]): readonly string[] {
  if (read.optional('AUTH_JWT_ALGORITHMS') === undefined) return possible;
  const algorithms = read.list('AUTH_JWT_ALGORITHMS');
  if (algorithms.length === 0) read.problem('AUTH_JWT_ALGORITHMS must hold at least one algorithm');
  for (const name of algorithms.filter((each) => !possible.includes(each))) {
    read.problem(`AUTH_JWT_ALGORITHMS: ${quote(name)} is not one of ${possible.join(', ')}`);
  }
  return algorithms;
}

/** Reads the base URL, to which paths are appended. */
function readAuthServiceUrl(read: EnvReader): string {
  const url = read.url('AUTH_SERVICE_URL');
  if (/[?#@]/.test(url)) read.problem('AUTH_SERVICE_URL must have no credentials, query or fragment');
  return url.replace(/\/+$/, '');
}

function readAuthServiceToken(read: EnvReader): string | undefined {
  const token = read.optional('AUTH_SERVICE_TOKEN');
  if (token !== undefined && !/^[\x21-\x7e]+$/.test(token)) {
    read.problem('AUTH_SERVICE_TOKEN must be printable ASCII without spaces');
  }
  return token;
}

/**
 * Reads the secrets of gateways. A list without a secret, such as `,`, is an error: it would disable the check that it
 * was meant to enable. Clients cannot send other characters than printable ASCII in a header.
 */
function readGatewaySecrets(read: EnvReader): string[] {
  const secrets = read.list('GATEWAY_SECRET');
  if (secrets.length === 0 && read.optional('GATEWAY_SECRET') !== undefined) {
    read.problem('GATEWAY_SECRET must hold at least one secret');
  }
  const items = read.raw('GATEWAY_SECRET').split(',');
  if (!items.every((item) => /^[ \t\r\n]*[\x20-\x7e]*[ \t\r\n]*$/.test(item))) {
    read.problem('GATEWAY_SECRET must be printable ASCII; commas separate several secrets');
  }
  return secrets;
}

/** Reads the verbs that users may record. A list without a verb, such as `,`, allows none. */
function readVerbs(read: EnvReader): readonly string[] {
  if (read.optional('SELF_REPORTED_VERBS') === undefined) return SELF_REPORTED_VERBS;
  const verbs = read.list('SELF_REPORTED_VERBS');
  const wrong = verbs.find((verb) => !VERB.test(verb));
  if (wrong !== undefined) read.problem(`SELF_REPORTED_VERBS: ${quote(wrong)} does not match ${VERB.source}`);
  return verbs;
}

/** Origins as browsers send them: scheme, host and port. `*` is none. */
function readOrigins(read: EnvReader): readonly string[] {
  const origins = read.list('CORS_ORIGINS');
  const wrong = origins.find((origin) => !/^https?:[^*]+$/.test(origin) || URL.parse(origin)?.origin !== origin);
  if (wrong !== undefined)
    read.problem(`CORS_ORIGINS: ${quote(wrong)} is not an origin such as https://app.example.org`);
  return origins;
}

function readUserFields(read: EnvReader): string {
  const fields = read.text('AUTH_USER_FIELDS', 'username displayName avatarUrl').replace(/\s*:\s*/g, ':');
  const names = fields.split(/[\s,]+/).filter(Boolean);
  const wrong = names.find((name) => !USER_FIELD.test(name));
  if (wrong !== undefined || !names.some((name) => name.startsWith('username'))) {
    read.problem(
      'AUTH_USER_FIELDS must select username, and may select displayName and avatarUrl, by aliases where the ' +
        'auth-service calls them otherwise: "username:login displayName:name"',
    );
  }
  return names.join(' ');
}

function requireNoProblems({ problems }: EnvReader): void {
  if (problems.length > 0) throw new ConfigError(problems);
}
