import { betterAuth, type User } from 'better-auth';
import { getMigrations } from 'better-auth/db/migration';
import { bearer } from 'better-auth/plugins/bearer';
import { jwt } from 'better-auth/plugins/jwt';
import { username } from 'better-auth/plugins/username';
import type { Pool } from 'pg';
import { AUDIENCE } from './audience.ts';
import { DEMO_PEOPLE } from './demo-people.ts';

/** For development only: it is public. It encrypts the signing keys in the database and signs session cookies. */
const SECRET = 'for-development-only-never-deploy-this-secret';
const DAY_SECONDS = 86_400;

/** Accounts, sessions and tokens, as better-auth keeps them; its tables are created or brought up to date first. */
export async function openIdentity(pool: Pool, baseUrl: string) {
  const options = {
    database: pool,
    baseURL: baseUrl,
    secret: SECRET,
    emailAndPassword: { enabled: true },
    rateLimit: { enabled: false },
    telemetry: { enabled: false },
    logger: { level: 'error' as const },
    trustedOrigins: ['http://localhost:*', 'http://127.0.0.1:*'],
    plugins: [username(), bearer(), tokens(baseUrl)],
    databaseHooks: { user: { create: { before: keepDemoId } } },
  };
  const { runMigrations } = await getMigrations(options);
  await runMigrations();
  const auth = betterAuth(options);
  await auth.api.getJwks();
  return auth;
}

async function keepDemoId(user: User): Promise<{ data: User } | undefined> {
  const known = DEMO_PEOPLE.find(({ email }) => email === user.email);
  return known && { data: { ...user, id: known.id } };
}

/** Keys change every week and are published for a day longer; a token says who somebody is and nothing about them. */
const tokens = (issuer: string) =>
  jwt({
    jwks: { rotationInterval: 7 * DAY_SECONDS, gracePeriod: DAY_SECONDS },
    jwt: { issuer, audience: AUDIENCE, expirationTime: '1h', definePayload: () => ({}) },
  });

export type Identity = Awaited<ReturnType<typeof openIdentity>>;

/** Null without credentials; undefined when the token is not one of ours or has expired. */
export async function callerId(identity: Identity, authorization: string | undefined) {
  if (!authorization) return null;
  const [, token] = /^Bearer +(\S+)$/i.exec(authorization) ?? [];
  if (!token) return undefined;
  const { payload } = await identity.api.verifyJWT({ body: { token } });
  return payload?.sub;
}
