import { describe, expect, it } from 'vitest';
import { type Config, ConfigError, readConfig } from '../../../src/config.ts';
import type { Env } from '../../support/app.ts';
import { spawnService } from '../../support/process.ts';

const valid = {
  DATABASE_URL: 'postgres://user:password@db.example.org/users',
  AUTH_ISSUER: 'https://auth.example.org',
  AUTH_AUDIENCE: 'user-service',
  AUTH_JWKS_URL: 'https://auth.example.org/.well-known/jwks.json',
  AUTH_SERVICE_URL: 'https://auth.example.org',
} satisfies Env;
const secret = 'a shared secret of at least 32 bytes';

/** Returns the problems of the valid environment with these changes. */
function problemsOf(changes: Env): string[] {
  try {
    readConfig({ ...valid, ...changes });
    return [];
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.message.split('\n  - ').slice(1);
  }
}

describe('a configuration is valid', () => {
  it('with the required variables only; the others have defaults', () => {
    expect(readConfig(valid)).toEqual({
      host: '0.0.0.0',
      port: 4002,
      operationsPort: undefined,
      logLevel: 'info',
      tracing: undefined,
      playground: true,
      playgroundSignInUrl: undefined,
      docs: true,
      database: { url: valid.DATABASE_URL, pooler: 'none', poolSize: 10, migrateOnStart: false },
      tokens: {
        issuer: valid.AUTH_ISSUER,
        audience: valid.AUTH_AUDIENCE,
        keys: { jwksUrl: valid.AUTH_JWKS_URL },
        algorithms: ['RS256', 'ES256', 'EdDSA'],
        maxAgeSeconds: 86_400,
      },
      authService: {
        url: valid.AUTH_SERVICE_URL,
        lookup: 'graphql',
        token: undefined,
        userFields: 'username displayName avatarUrl',
      },
      gatewaySecrets: [],
      limits: {
        badgesPerUser: 1000,
        goalsPerUser: 500,
        entities: 1000,
        selfReportedVerbs: ['check-in', 'lesson.completed', 'practice'],
      },
      load: expect.any(Object),
      corsOrigins: [],
      cacheMaxAgeSeconds: 0,
      drainSeconds: 0,
      unknownVariables: [],
    } satisfies Config);
  });

  it('in production, where the playground is off by default and shutdown drains for 5 s', () => {
    expect(readConfig({ ...valid, NODE_ENV: 'production' })).toMatchObject({ playground: false, drainSeconds: 5 });
    expect(readConfig({ ...valid, NODE_ENV: 'production', PLAYGROUND: 'true' }).playground).toBe(true);
  });

  it('with unknown variables, of which those are reported that look misspelled', () => {
    const others = { HOME: '/', HOSTNAME: 'a', AUTH_SERVICE_PORT: 'tcp://10.0.0.1:4001', DATABASE_PASSWORD: 'x' };
    expect(readConfig({ ...valid, ...others, GATEWAY_SECRETS: 'a', MAX_BADGE_PER_USER: '1' }).unknownVariables).toEqual(
      [
        { name: 'GATEWAY_SECRETS', similar: 'GATEWAY_SECRET' },
        { name: 'MAX_BADGE_PER_USER', similar: 'MAX_BADGES_PER_USER' },
      ],
    );
  });

  it('with empty variables, and with white space around values', () => {
    expect(
      problemsOf({ PORT: '', LOG_LEVEL: ' ', AUTH_JWT_SECRET: '', GATEWAY_SECRET: '', MAX_ENTITIES: '\n' }),
    ).toEqual([]);
    expect(readConfig({ ...valid, PORT: ' 8080\n', AUTH_SERVICE_TOKEN: 'token\n' })).toMatchObject({
      port: 8080,
      authService: { token: 'token' },
    });
  });

  it('with a shared secret, which allows HS256 only', () => {
    const { keys, algorithms } = readConfig({ ...valid, AUTH_JWKS_URL: undefined, AUTH_JWT_SECRET: secret }).tokens;
    expect({ keys, algorithms }).toEqual({ keys: { secret }, algorithms: ['HS256'] });
  });

  it('with spaces and empty items in lists', () => {
    const config = readConfig({ ...valid, AUTH_JWT_ALGORITHMS: ' ES256 ,EdDSA,', GATEWAY_SECRET: 'one, two,' });
    expect([config.tokens.algorithms, config.gatewaySecrets]).toEqual([
      ['ES256', 'EdDSA'],
      ['one', 'two'],
    ]);
  });

  it('with an AUTH_SERVICE_URL that has a path or ends in slashes', () => {
    const urlOf = (url: string) => readConfig({ ...valid, AUTH_SERVICE_URL: url }).authService.url;
    expect(urlOf('https://auth.example.org//')).toBe('https://auth.example.org');
    expect(urlOf('https://example.org/auth/')).toBe('https://example.org/auth');
  });

  it('with an endpoint for traces, unless OpenTelemetry is disabled', () => {
    const tracingOf = (env: Env) => readConfig({ ...valid, ...env }).tracing;
    const OTEL_EXPORTER_OTLP_ENDPOINT = 'http://collector:4318/';
    const defaults = { url: 'http://collector:4318/v1/traces', sampler: 'parentbased_always_on', ratio: 1 };
    expect(tracingOf({ OTEL_EXPORTER_OTLP_ENDPOINT })).toEqual(defaults);
    expect(tracingOf({ OTEL_EXPORTER_OTLP_ENDPOINT, OTEL_SDK_DISABLED: 'TRUE' })).toBeUndefined();
    expect(tracingOf({ OTEL_EXPORTER_OTLP_ENDPOINT, OTEL_TRACES_EXPORTER: 'none' })).toBeUndefined();
    const OTEL_EXPORTER_OTLP_TRACES_ENDPOINT = 'https://traces.example.org/custom';
    const sampler = { OTEL_TRACES_SAMPLER: 'parentbased_traceidratio', OTEL_TRACES_SAMPLER_ARG: '0.25' };
    expect(tracingOf({ OTEL_EXPORTER_OTLP_ENDPOINT, OTEL_EXPORTER_OTLP_TRACES_ENDPOINT, ...sampler })).toEqual({
      url: OTEL_EXPORTER_OTLP_TRACES_ENDPOINT,
      sampler: 'parentbased_traceidratio',
      ratio: 0.25,
    });
  });
});

const keySource = 'exactly one of AUTH_JWKS_URL and AUTH_JWT_SECRET must be set';

describe('a configuration is invalid', () => {
  const invalid: [string, Env, string[]][] = [
    ['both key sources', { AUTH_JWT_SECRET: secret }, [keySource]],
    ['no key source', { AUTH_JWKS_URL: undefined }, [keySource]],
    [
      'an endpoint, a protocol and a share of traces that are invalid',
      {
        OTEL_EXPORTER_OTLP_ENDPOINT: 'collector:4317',
        OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc',
        OTEL_TRACES_SAMPLER_ARG: '2',
      },
      [
        'OTEL_EXPORTER_OTLP_ENDPOINT must be a URL that starts with http:// or https://',
        'OTEL_EXPORTER_OTLP_PROTOCOL is "grpc", expected http/protobuf',
        'OTEL_TRACES_SAMPLER_ARG is "2", expected a number from 0 to 1',
      ],
    ],
    [
      'a protocol for traces, which replaces a valid one',
      {
        OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318',
        OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf',
        OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: 'grpc',
      },
      ['OTEL_EXPORTER_OTLP_TRACES_PROTOCOL is "grpc", expected http/protobuf'],
    ],
    [
      'an exporter of traces that the service lacks',
      { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318', OTEL_TRACES_EXPORTER: 'zipkin' },
      ['OTEL_TRACES_EXPORTER is "zipkin", expected one of otlp, none'],
    ],
    [
      'an exporter of traces in upper case',
      { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318', OTEL_TRACES_EXPORTER: 'NONE' },
      ['OTEL_TRACES_EXPORTER is "NONE", expected one of otlp, none'],
    ],
    [
      'a secret that is too short',
      { AUTH_JWKS_URL: undefined, AUTH_JWT_SECRET: 'x'.repeat(31) },
      ['AUTH_JWT_SECRET must have at least 32 bytes'],
    ],
    [
      'a secret that is too short without its trailing spaces',
      { AUTH_JWKS_URL: undefined, AUTH_JWT_SECRET: `short${' '.repeat(32)}` },
      ['AUTH_JWT_SECRET must have at least 32 bytes'],
    ],
    [
      'an HMAC algorithm and a JWKS',
      { AUTH_JWT_ALGORITHMS: 'RS256,HS256' },
      ['AUTH_JWT_ALGORITHMS: "HS256" is not one of RS256, ES256, EdDSA'],
    ],
    [
      'the algorithm none',
      { AUTH_JWT_ALGORITHMS: 'none' },
      ['AUTH_JWT_ALGORITHMS: "none" is not one of RS256, ES256, EdDSA'],
    ],
    [
      'an algorithm in lower case',
      { AUTH_JWT_ALGORITHMS: 'rs256' },
      ['AUTH_JWT_ALGORITHMS: "rs256" is not one of RS256, ES256, EdDSA'],
    ],
    [
      'RS256 with a shared secret',
      { AUTH_JWKS_URL: undefined, AUTH_JWT_SECRET: secret, AUTH_JWT_ALGORITHMS: 'RS256' },
      ['AUTH_JWT_ALGORITHMS: "RS256" is not one of HS256'],
    ],
    [
      'a list of no algorithms',
      { AUTH_JWT_ALGORITHMS: ' , ' },
      ['AUTH_JWT_ALGORITHMS must hold at least one algorithm'],
    ],
    ['no issuer', { AUTH_ISSUER: ' ' }, ['AUTH_ISSUER is required']],
    ['a list of no gateway secrets', { GATEWAY_SECRET: ' , ' }, ['GATEWAY_SECRET must hold at least one secret']],
    [
      'a token with a line feed',
      { AUTH_SERVICE_TOKEN: 'a\nb' },
      ['AUTH_SERVICE_TOKEN must be printable ASCII without spaces'],
    ],
    [
      'an unknown lookup contract',
      { AUTH_SERVICE_LOOKUP: 'soap' },
      ['AUTH_SERVICE_LOOKUP is "soap", expected one of graphql, rest'],
    ],
    [
      'a sign-in that is no URL of HTTP',
      { PLAYGROUND_SIGN_IN_URL: 'localhost:4001' },
      ['PLAYGROUND_SIGN_IN_URL must be a URL that starts with http:// or https://'],
    ],
    [
      'an unknown NODE_ENV',
      { NODE_ENV: 'prod' },
      ['NODE_ENV is "prod", expected one of development, test, production'],
    ],
    [
      'a boolean that is neither true nor false',
      { PLAYGROUND: 'yes' },
      ['PLAYGROUND is "yes", expected one of true, false'],
    ],
    [
      'an unknown log level',
      { LOG_LEVEL: 'verbose' },
      ['LOG_LEVEL is "verbose", expected one of fatal, error, warn, info, debug, trace, silent'],
    ],
  ];
  for (const [name, changes, problems] of invalid) {
    it(`with ${name}`, () => expect(problemsOf(changes)).toEqual(problems));
  }

  it('with an invalid URL, or one of another scheme', () => {
    const http = 'must be a URL that starts with http:// or https://';
    for (const url of ['auth.example.org', 'localhost:4001', 'ftp://auth.example.org', '/auth', 'http://']) {
      expect(problemsOf({ AUTH_SERVICE_URL: url })).toEqual([`AUTH_SERVICE_URL ${http}`]);
      expect(problemsOf({ AUTH_JWKS_URL: url })).toEqual([`AUTH_JWKS_URL ${http}`]);
    }
    expect(problemsOf({ DATABASE_URL: 'mysql://db.example.org/users' })).toEqual([
      'DATABASE_URL must be a URL that starts with postgres:// or postgresql://',
    ]);
  });

  it('with an AUTH_SERVICE_URL that has a query, a fragment or credentials', () => {
    for (const end of ['?a=b', '/#here']) {
      expect(problemsOf({ AUTH_SERVICE_URL: `https://auth.example.org${end}` })).toHaveLength(1);
    }
    expect(problemsOf({ AUTH_SERVICE_URL: 'https://user:password@auth.example.org' })).toHaveLength(1);
  });

  it('with a number that is invalid or out of range', () => {
    for (const value of ['many', '-1', '1.5', '1e3', '0x10', '99999999999999999999', 'NaN', '10 20']) {
      for (const name of ['PORT', 'DATABASE_POOL_SIZE', 'MAX_BADGES_PER_USER', 'MAX_GOALS_PER_USER', 'MAX_ENTITIES']) {
        expect(problemsOf({ [name]: value })).toEqual([
          expect.stringMatching(`^${name} is "${value}", expected an integer from `),
        ]);
      }
    }
    expect(problemsOf({ PORT: '65536' })).toEqual(['PORT is "65536", expected an integer from 0 to 65535']);
    expect(problemsOf({ DATABASE_POOL_SIZE: '0' })).toHaveLength(1);
  });

  it('with a value of many characters or lines, which is shown in one line and cut', () => {
    const shown = `"a\\nb${'x'.repeat(37)}..."`;
    const value = `a\nb${'x'.repeat(1000)}`;
    expect(problemsOf({ PORT: value })).toEqual([`PORT is ${shown}, expected an integer from 0 to 65535`]);
    expect(problemsOf({ SELF_REPORTED_VERBS: value })[0]).toContain(`SELF_REPORTED_VERBS: ${shown} does not match`);
    expect(problemsOf({ CORS_ORIGINS: value })[0]).toContain(`CORS_ORIGINS: ${shown} is not an origin`);
    expect(problemsOf({ AUTH_JWT_ALGORITHMS: value })[0]).toContain(`AUTH_JWT_ALGORITHMS: ${shown} is not one of`);
  });

  it('with AUTH_USER_FIELDS that do not select username, or select other fields', () => {
    const fields = [
      'displayName',
      'username password',
      'name:username',
      'username { id }',
      'username:login) { x }',
      'id',
    ];
    for (const AUTH_USER_FIELDS of fields) {
      expect(problemsOf({ AUTH_USER_FIELDS })).toEqual([
        expect.stringMatching('^AUTH_USER_FIELDS must select username'),
      ]);
    }
  });
});

describe('the process', () => {
  it('exits with 1 and one message that names every invalid variable and shows no secret', async () => {
    const service = await spawnService({
      DATABASE_URL: 'mysql://user:hidden-password@db/users',
      AUTH_JWT_SECRET: 'hidden-secret',
      AUTH_JWT_ALGORITHMS: 'none',
      GATEWAY_SECRET: ',',
      MAX_ENTITIES: 'many',
      LOG_LEVEL: 'loud',
    });
    expect(await service.exit).toEqual({ code: 1, signal: null });
    expect(service.stdout).toEqual([]);
    expect(service.stderr[0]).toBe('The configuration is not usable:');
    expect(service.stderr.slice(1).map((line) => /[A-Z_]{4,}/.exec(line)?.[0])).toEqual([
      'LOG_LEVEL',
      'DATABASE_URL',
      'AUTH_JWT_SECRET',
      'AUTH_JWT_ALGORITHMS',
      'AUTH_ISSUER',
      'AUTH_AUDIENCE',
      'AUTH_SERVICE_URL',
      'GATEWAY_SECRET',
      'MAX_ENTITIES',
    ]);
    expect(service.stderr.join('\n')).not.toContain('hidden');
  });
});
