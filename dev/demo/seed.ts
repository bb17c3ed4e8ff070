import { addDays } from '../../src/lib/local-date.ts';
import { fetchToken, type NewAccount, signUp } from '../auth-service/client.ts';
import { DEMO_PASSWORD, DEMO_USERS, type DemoUser } from '../auth-service/demo-users.ts';
import { DEMO_BADGES, DEMO_GOALS, type NewGoal } from './data.ts';
import { type Execute, graphqlClient } from './graphql-client.ts';
import { type DemoClients, defineDemoBadges, seedTracker } from './seed-tracker.ts';

interface DemoUrls {
  authUrl: string;
  /** The base URL of a server with the user-service's fields at /graphql: the gateway, or the service itself. */
  graphqlUrl: string;
}

/**
 * Signs the demo users up and gives them badges, goals and a history in the tracker, all through the public APIs. Keeps
 * existing data.
 */
export async function seedDemo(urls: DemoUrls): Promise<void> {
  const clients = Object.fromEntries(
    await Promise.all(DEMO_USERS.map(async (user) => [user.username, await clientOf(user, urls)])),
  ) as Record<string, Execute> & DemoClients;
  await defineDemoBadges(clients.platform);
  // Sequentially, so that ids and the order of badges are the same in every new database.
  for (const { username } of DEMO_USERS) await seedUser(username, clients[username] as Execute);
  await seedTracker(clients);
}

async function clientOf(user: DemoUser, { authUrl, graphqlUrl }: DemoUrls): Promise<Execute> {
  const { username, displayName, email } = user;
  const token = await signUpOrIn(authUrl, { username, displayName, email, password: DEMO_PASSWORD });
  return graphqlClient(`${graphqlUrl}/graphql`, token);
}

async function seedUser(username: string, execute: Execute): Promise<void> {
  const { viewer } = await execute<ViewerData>('{ viewer { badges(first: 1) { id } goals(first: 1) { id } } }');
  if (viewer.badges.length === 0) {
    for (const input of DEMO_BADGES[username] ?? []) await execute(CREATE_BADGE, { input });
  }
  if (viewer.goals.length === 0) {
    for (const goal of DEMO_GOALS[username] ?? []) await execute(CREATE_GOAL, { input: toInput(goal) });
  }
}

function toInput({ dueInDays, ...goal }: NewGoal): object {
  const today = new Date().toISOString().slice(0, 10);
  return dueInDays === undefined ? goal : { ...goal, dueOn: addDays(today, dueInDays) };
}

async function signUpOrIn(authUrl: string, account: NewAccount): Promise<string> {
  const existing = await fetchToken(authUrl, account);
  if (existing) return existing;
  await signUp(authUrl, account);
  const token = await fetchToken(authUrl, account);
  if (!token) throw new Error(`User "${account.username}" exists with another password; expected the demo password.`);
  return token;
}

interface ViewerData {
  viewer: { badges: unknown[]; goals: unknown[] };
}

const CREATE_BADGE = 'mutation ($input: CreateBadgeInput!) { createBadge(input: $input) { badge { id } } }';
const CREATE_GOAL = 'mutation ($input: CreateGoalInput!) { createGoal(input: $input) { goal { id } } }';
