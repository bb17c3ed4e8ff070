import { fetchToken } from './auth-service/client.ts';
import { DEMO_PASSWORD, DEMO_USERS } from './auth-service/demo-users.ts';
import { URLS } from './config.ts';
import { print, printError } from './lib/output.ts';

const USERNAMES = DEMO_USERS.map(({ username }) => username).join(', ');

async function main(username: string | undefined): Promise<void> {
  if (!username) return fail(`The username is missing; expected one of ${USERNAMES}: npm run -s token -- ada`);
  const token = await fetchToken(URLS.authService, { username, password: DEMO_PASSWORD });
  if (token) print(token);
  else fail(`No demo user is named "${username}"; expected one of ${USERNAMES}.`);
}

function fail(message: string): void {
  printError(message);
  process.exitCode = 1;
}

await main(process.argv[2]).catch(() =>
  fail(`The auth-service does not respond at ${URLS.authService}: start it with "npm run dev".`),
);
