import { say } from '../lib/say.ts';
import { isMoved, PORTS, URLS } from './addresses.ts';
import type { Databases } from './databases.ts';

const TOKEN = `${isMoved ? `DEV_PORT_BASE=${PORTS.gateway} ` : ''}npm run -s token -- ada`;

/** What there is and how to try it. Scripts wait for the last line. */
export function welcome({ users }: Databases): void {
  say(`
  gateway       ${URLS.gateway}/graphql   open it in a browser: examples are ready to run
  user-service  ${URLS.userService}/graphql   REST: ${URLS.userService}/docs
  auth-service  ${URLS.authService}/graphql
  PostgreSQL    ${users}

  A token of a demo person (ada or grace):
    ${TOKEN}

  A query with it:
    curl -s ${URLS.gateway}/graphql -H 'content-type: application/json' \\
      -H "authorization: Bearer $(${TOKEN})" \\
      -d '{"query":"{ me { username badges { name } goals { title status } statistics { level } } }"}'

supergraph ready`);
}
