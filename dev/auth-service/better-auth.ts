import { betterAuth, type User } from 'better-auth';
import { getMigrations } from 'better-auth/db/migration';
import { bearer } from 'better-auth/plugins/bearer';
import { jwt } from 'better-auth/plugins/jwt';
import { username } from 'better-auth/plugins/username';
import type { Pool } from 'pg';
import { AUDIENCE } from './audience.ts';
import { DEMO_USERS } from './demo-users.ts';

/** Encrypts the signing keys in the database and signs session cookies. It is public, hence for development only. */
const SECRET = 'for-development-only-never-deploy-this-secret';
const DAY_SECONDS = 86_400;
export const TOKEN_SECONDS = 3600;

interface AuthOptions {
  baseUrl: string;
  /** Trusted besides those of this machine. */
  origins: readonly string[];
}

/** Creates the better-auth instance that holds accounts, sessions and tokens, after migrating its tables. */
export async function createAuth(pool: Pool, { baseUrl, origins }: AuthOptions) {
  const options = {
    database: pool,
    baseURL: baseUrl,
    secret: SECRET,
    emailAndPassword: { enabled: true },
    rateLimit: { enabled: false },
    telemetry: { enabled: false },
    logger: { level: 'error' as const },
    trustedOrigins: ['http://localhost:*', 'http://127.0.0.1:*', ...origins],
    plugins: [username(), bearer(), jwtPlugin(baseUrl)],
    databaseHooks: { user: { create: { before: useDemoUserId } } },
  };
  const { runMigrations } = await getMigrations(options);
  await runMigrations();
  const auth = betterAuth(options);
  await auth.api.getJwks();
  return auth;
}

async function useDemoUserId(user: User): Promise<{ data: User } | undefined> {
  const demoUser = DEMO_USERS.find(({ email }) => email === user.email);
  return demoUser && { data: { ...user, id: demoUser.id } };
}

/**
 * Rotates the signing key weekly and publishes the previous key for one more day. The payload has no profile data, and
 * for a demo user its scopes.
 */
const jwtPlugin = (issuer: string) =>
  jwt({
    jwks: { rotationInterval: 7 * DAY_SECONDS, gracePeriod: DAY_SECONDS },
    jwt: {
      issuer,
      audience: AUDIENCE,
      expirationTime: `${TOKEN_SECONDS}s`,
      definePayload: ({ user }) => scopesOf(user),
    },
  });

function scopesOf({ id }: { id: string }): { scope?: string } {
  const { scope } = DEMO_USERS.find((user) => user.id === id) ?? {};
  return scope === undefined ? {} : { scope };
}

export type Auth = Awaited<ReturnType<typeof createAuth>>;

/** Returns the token's user id: null without credentials, undefined when the token is invalid or has expired. */
export async function authenticate(auth: Auth, authorization: string | undefined) {
  if (!authorization) return null;
  const [, token] = /^Bearer +(\S+)$/i.exec(authorization) ?? [];
  if (!token) return undefined;
  const { payload } = await auth.api.verifyJWT({ body: { token } });
  return payload?.sub;
}
