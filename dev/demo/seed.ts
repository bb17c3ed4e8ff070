import { fetchToken, type NewAccount, signUp } from '../auth-service/client.ts';
import { DEMO_PASSWORD, DEMO_USERS, type DemoUser } from '../auth-service/demo-users.ts';
import { DEMO_BADGES, DEMO_GOALS } from './data.ts';

export interface DemoUrls {
  authUrl: string;
  /** The base URL of a server with the user-service's fields at /graphql: the gateway, or the service itself. */
  graphqlUrl: string;
}

/** Signs the demo users up and gives them badges and goals, all through the public APIs. Keeps existing data. */
export async function seedDemo(urls: DemoUrls): Promise<void> {
  // Sequentially, so that ids and the order of badges are the same in every new database.
  for (const user of DEMO_USERS) await seedUser(user, urls);
}

async function seedUser(user: DemoUser, { authUrl, graphqlUrl }: DemoUrls): Promise<void> {
  const { username } = user;
  const token = await signUpOrIn(authUrl, { ...user, password: DEMO_PASSWORD });
  const execute = graphqlClient(`${graphqlUrl}/graphql`, token);
  const { viewer } = await execute<ViewerData>('{ viewer { badges(first: 1) { id } goals(first: 1) { id } } }');
  if (viewer.badges.length === 0) {
    for (const input of DEMO_BADGES[username] ?? []) await execute(CREATE_BADGE, { input });
  }
  if (viewer.goals.length === 0) {
    for (const input of DEMO_GOALS[username] ?? []) await execute(CREATE_GOAL, { input });
  }
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

function graphqlClient(url: string, token: string) {
  return async <Data>(query: string, variables: Record<string, unknown> = {}): Promise<Data> => {
    const headers = { 'content-type': 'application/json', authorization: `Bearer ${token}` };
    const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify({ query, variables }) });
    const { data, errors } = (await response.json()) as { data: Data; errors?: { message: string }[] };
    if (errors) throw new Error(`${url} rejected the demo data: ${errors.map(({ message }) => message).join(' ')}`);
    return data;
  };
}
