import { hasShiftedPorts, PORTS, URLS } from '../config.ts';
import { print } from '../lib/output.ts';
import type { Databases } from './databases.ts';

const TOKEN_COMMAND = `${hasShiftedPorts ? `DEV_PORT_BASE=${PORTS.gateway} ` : ''}npm run -s token -- ada`;

/** Prints the URLs and a first query. Scripts can wait for the last line. */
export function printInstructions({ users }: Databases): void {
  print(`
  gateway       ${URLS.gateway}   open it in a browser for a playground with examples
  user-service  ${URLS.userService}   REST: ${URLS.userService}/docs
  auth-service  ${URLS.authService}
  PostgreSQL    ${users}

  Get a token of a demo user (ada or grace), or one with all scopes (platform):
    ${TOKEN_COMMAND}

  Send a query with it:
    curl -s ${URLS.gateway}/graphql -H 'content-type: application/json' \\
      -H "authorization: Bearer $(${TOKEN_COMMAND})" \\
      -d '{"query":"{ me { username badges { name } goals { title status } streak { current status } } }"}'

supergraph ready`);
}
