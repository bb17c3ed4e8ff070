import { AUDIENCE } from '../auth-service/audience.ts';
import { isMoved, PORTS, URLS } from './addresses.ts';
import { startChild } from './child.ts';
import type { Databases } from './databases.ts';
import type { Part } from './part.ts';

const HOST = '127.0.0.1';

export function startAuthProcess({ auth }: Databases): Part {
  return startChild('auth-service', {
    script: new URL('../auth-service/main.ts', import.meta.url),
    env: { DATABASE_URL: auth, HOST, PORT: String(PORTS.authService) },
    health: `${URLS.authService}/health`,
  });
}

/** Everything else that the service can be told comes from the environment of `npm run dev`. */
export function startUserService({ users }: Databases): Part {
  return startChild('user-service', {
    script: new URL('../../src/main.ts', import.meta.url),
    env: {
      NODE_ENV: 'development',
      LOG_LEVEL: process.env.LOG_LEVEL ?? 'warn',
      HOST,
      PORT: String(PORTS.userService),
      DATABASE_URL: users,
      MIGRATE_ON_START: 'true',
      AUTH_ISSUER: URLS.authService,
      AUTH_AUDIENCE: AUDIENCE,
      AUTH_JWKS_URL: `${URLS.authService}/api/auth/jwks`,
      AUTH_JWT_SECRET: undefined,
      AUTH_SERVICE_URL: URLS.authService,
    },
    health: `${URLS.userService}/health/ready`,
  });
}

export function startGatewayProcess(): Part {
  return startChild('gateway', {
    script: new URL('../gateway/main.ts', import.meta.url),
    env: {
      HOST,
      PORT: String(PORTS.gateway),
      AUTH_URL: isMoved ? URLS.authService : undefined,
      USERS_URL: isMoved ? URLS.userService : undefined,
    },
    health: `${URLS.gateway}/health/ready`,
  });
}
