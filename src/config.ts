export interface Config {
  host: string;
  port: number;
  /** The port of health and metrics; without it they are on `port`. */
  operationsPort: number | undefined;
  production: boolean;
  logLevel: LogLevel;
  playground: boolean;
  /** Whether `/docs` and `/openapi.json` exist. */
  docs: boolean;
  database: { url: string; poolSize: number; migrateOnStart: boolean };
  tokens: TokenConfig;
  authService: AuthServiceConfig;
  /** Accepted values of `Router-Authorization`; empty when no secret is required. */
  gatewaySecrets: readonly string[];
  limits: { badgesPerUser: number; goalsPerUser: number; entities: number };
  load: {
    requestsInFlight: number;
    /** Per user, or per address for anonymous requests; 0 is no limit. */
    requestsPerMinute: number;
  };
  /** How long the service serves requests after readiness fails, so that routers notice. */
  drainSeconds: number;
}

export interface TokenConfig {
  issuer: string;
  audience: string;
  /** The URL of a JWKS or a shared secret, never both. */
  keys: { jwksUrl: string } | { secret: string };
  algorithms: readonly string[];
  maxAgeSeconds: number;
}

export interface AuthServiceConfig {
  url: string;
  lookup: 'graphql' | 'rest';
  token: string | undefined;
  /** The GraphQL selection of `username`, `displayName` and `avatarUrl`, with aliases for other names. */
  userFields: string;
}

const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;
type LogLevel = (typeof LOG_LEVELS)[number];
const ASYMMETRIC = ['RS256', 'ES256', 'EdDSA'] as const;
/** 0 is any free port. */
const PORTS = { min: 0, max: 65535 };
const USER_FIELD = /^(username|displayName|avatarUrl)(:[_A-Za-z]\w*)?$/;

type Env = Readonly<Record<string, string | undefined>>;

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
  const read = new Reader(env);
  const production = read.text('NODE_ENV', 'development') === 'production';
  const port = read.integer('PORT', { ...PORTS, fallback: 4002 });
  const config: Config = {
    host: read.text('HOST', '0.0.0.0'),
    port,
    operationsPort: readOperationsPort(read, port),
    production,
    logLevel: read.oneOf('LOG_LEVEL', LOG_LEVELS, 'info'),
    playground: read.flag('PLAYGROUND', !production),
    docs: read.flag('DOCS', true),
    database: {
      url: read.url('DATABASE_URL', ['postgres:', 'postgresql:']),
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
      badgesPerUser: read.integer('MAX_BADGES_PER_USER', { fallback: 1000, min: 0, max: 1_000_000 }),
      goalsPerUser: read.integer('MAX_GOALS_PER_USER', { fallback: 500, min: 0, max: 1_000_000 }),
      entities: read.integer('MAX_ENTITIES', { fallback: 1000, min: 1, max: 10_000 }),
    },
    load: {
      requestsInFlight: read.integer('MAX_REQUESTS_IN_FLIGHT', { fallback: 1000, min: 1, max: 100_000 }),
      requestsPerMinute: read.integer('RATE_LIMIT_PER_MINUTE', { fallback: 0, min: 0, max: 1_000_000 }),
    },
    drainSeconds: read.integer('DRAIN_SECONDS', { fallback: production ? 5 : 0, min: 0, max: 60 }),
  };
  read.finish();
  return config;
}

/**
 * Reads `DATABASE_URL` alone, for commands that need no other setting.
 * @throws {ConfigError}
 */
export function readDatabaseUrl(env: Env): string {
  const read = new Reader(env);
  const url = read.url('DATABASE_URL', ['postgres:', 'postgresql:']);
  read.finish();
  return url;
}

function readOperationsPort(read: Reader, port: number): number | undefined {
  if (read.optional('OPERATIONS_PORT') === undefined) return undefined;
  const operationsPort = read.integer('OPERATIONS_PORT', { ...PORTS, fallback: 0 });
  if (operationsPort === port && port !== 0) read.problem('OPERATIONS_PORT must differ from PORT');
  return operationsPort;
}

function readTokens(read: Reader): TokenConfig {
  const secret = read.optional('AUTH_JWT_SECRET');
  const hasJwks = read.optional('AUTH_JWKS_URL') !== undefined;
  const jwksUrl = hasJwks ? read.url('AUTH_JWKS_URL', ['http:', 'https:']) : '';
  if (hasJwks === (secret !== undefined)) read.problem('exactly one of AUTH_JWKS_URL and AUTH_JWT_SECRET must be set');
  if (secret !== undefined && Buffer.byteLength(secret) < 32) {
    read.problem('AUTH_JWT_SECRET must have at least 32 bytes');
  }
  const possible = secret === undefined ? ASYMMETRIC : (['HS256'] as const);
  const algorithms = read.list('AUTH_JWT_ALGORITHMS');
  for (const name of algorithms) {
    if (!possible.some((known) => known === name)) {
      read.problem(`AUTH_JWT_ALGORITHMS: "${name}" is not one of ${possible.join(', ')}`);
    }
  }
  return {
    issuer: read.required('AUTH_ISSUER'),
    audience: read.required('AUTH_AUDIENCE'),
    keys: secret === undefined ? { jwksUrl } : { secret },
    algorithms: algorithms.length > 0 ? algorithms : possible,
    maxAgeSeconds: read.integer('AUTH_MAX_TOKEN_AGE_SECONDS', { fallback: 86_400, min: 60, max: 31_536_000 }),
  };
}

/** Reads the base URL, to which paths are appended. */
function readAuthServiceUrl(read: Reader): string {
  const url = read.url('AUTH_SERVICE_URL', ['http:', 'https:']);
  if (/[?#@]/.test(url)) read.problem('AUTH_SERVICE_URL must have no credentials, query or fragment');
  return url.replace(/\/+$/, '');
}

function readAuthServiceToken(read: Reader): string | undefined {
  const token = read.optional('AUTH_SERVICE_TOKEN');
  if (token !== undefined && !/^[\x21-\x7e]+$/.test(token)) {
    read.problem('AUTH_SERVICE_TOKEN must be printable ASCII without spaces');
  }
  return token;
}

/** A list without a secret, such as `,`, is an error: it would disable the check that it was meant to enable. */
function readGatewaySecrets(read: Reader): string[] {
  const secrets = read.list('GATEWAY_SECRET');
  if (secrets.length === 0 && read.optional('GATEWAY_SECRET') !== undefined) {
    read.problem('GATEWAY_SECRET must hold at least one secret');
  }
  return secrets;
}

function readUserFields(read: Reader): string {
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

class Reader {
  readonly #env: Env;
  readonly #problems: string[] = [];

  constructor(env: Env) {
    this.#env = env;
  }

  problem(text: string): void {
    this.#problems.push(text);
  }

  finish(): void {
    if (this.#problems.length > 0) throw new ConfigError(this.#problems);
  }

  optional(name: string): string | undefined {
    return this.#env[name]?.trim() || undefined;
  }

  text(name: string, fallback: string): string {
    return this.optional(name) ?? fallback;
  }

  required(name: string): string {
    const value = this.optional(name);
    if (value === undefined) this.problem(`${name} is required`);
    return value ?? '';
  }

  list(name: string): string[] {
    return this.text(name, '')
      .split(',')
      .map((item) => item.trim())
      .filter(Boolean);
  }

  url(name: string, protocols: readonly string[]): string {
    const value = this.required(name);
    if (value !== '' && !protocols.includes(URL.parse(value)?.protocol ?? '')) {
      this.problem(`${name} must be a URL that starts with ${protocols.map((p) => `${p}//`).join(' or ')}`);
    }
    return value;
  }

  integer(name: string, range: { fallback: number; min: number; max: number }): number {
    const value = this.text(name, String(range.fallback));
    const number = /^\d+$/.test(value) ? Number(value) : Number.NaN;
    if (!(number >= range.min && number <= range.max)) {
      this.problem(`${name} must be an integer from ${range.min} to ${range.max}`);
    }
    return number;
  }

  flag(name: string, fallback: boolean): boolean {
    return this.oneOf(name, ['true', 'false'], fallback ? 'true' : 'false') === 'true';
  }

  oneOf<Value extends string>(name: string, values: readonly Value[], fallback: Value): Value {
    const value = this.text(name, fallback);
    const known = values.find((candidate) => candidate === value);
    if (known === undefined) this.problem(`${name} must be one of ${values.join(', ')}`);
    return known ?? fallback;
  }
}
