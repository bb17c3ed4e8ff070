import { tokenFor } from './auth-service/accounts.ts';
import { DEMO_PASSWORD, DEMO_PEOPLE } from './auth-service/demo-people.ts';
import { say, saySorry } from './lib/say.ts';
import { URLS } from './run/addresses.ts';

const NAMES = DEMO_PEOPLE.map(({ username }) => username).join(' or ');

async function main(username: string | undefined): Promise<void> {
  if (!username) return refuse(`Whose token? There is ${NAMES}: npm run -s token -- ada`);
  const token = await tokenFor(URLS.authService, { username, password: DEMO_PASSWORD });
  if (token) say(token);
  else refuse(`No demo person is called "${username}": there is ${NAMES}.`);
}

function refuse(why: string): void {
  saySorry(why);
  process.exitCode = 1;
}

await main(process.argv[2]).catch(() =>
  refuse(`The auth-service does not answer at ${URLS.authService}: start the stack with "npm run dev".`),
);
