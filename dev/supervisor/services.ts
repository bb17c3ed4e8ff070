import { AUDIENCE } from '../auth-service/audience.ts';
import { hasShiftedPorts, PORTS, URLS } from '../config.ts';
import { startChildProcess } from './child-process.ts';
import type { Databases } from './databases.ts';
import type { ManagedProcess } from './managed-process.ts';

const HOST = '127.0.0.1';
/** The sign-in of the playgrounds. */
const SIGN_IN_URL = `${URLS.authService}/sign-in`;

export function startAuthServiceProcess({ auth }: Databases): ManagedProcess {
  return startChildProcess('auth-service', {
    script: new URL('../auth-service/main.ts', import.meta.url),
    env: { DATABASE_URL: auth, HOST, PORT: String(PORTS.authService) },
    healthUrl: `${URLS.authService}/health`,
  });
}

/** Starts the user-service. It inherits every other variable from the environment of `npm run dev`. */
export function startUserServiceProcess({ users }: Databases): ManagedProcess {
  return startChildProcess('user-service', {
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
      PLAYGROUND_SIGN_IN_URL: SIGN_IN_URL,
    },
    healthUrl: `${URLS.userService}/health/ready`,
  });
}

export function startGatewayProcess(): ManagedProcess {
  return startChildProcess('gateway', {
    script: new URL('../gateway/main.ts', import.meta.url),
    env: {
      HOST,
      PORT: String(PORTS.gateway),
      SIGN_IN_URL,
      AUTH_URL: hasShiftedPorts ? URLS.authService : undefined,
      USERS_URL: hasShiftedPorts ? URLS.userService : undefined,
    },
    healthUrl: `${URLS.gateway}/health/ready`,
  });
}
