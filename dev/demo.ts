import { type NewAccount, signUp, tokenFor } from './auth-service/accounts.ts';
import { DEMO_PASSWORD, DEMO_PEOPLE, type DemoPerson } from './auth-service/demo-people.ts';
import { BADGES_OF, GOALS_OF } from './demo-data.ts';

export interface DemoUrls {
  authUrl: string;
  /** The base address of whatever serves /graphql with the user-service's fields: the gateway, or the service itself. */
  graphqlUrl: string;
}

/** Signs the demo people up and gives them badges and goals, all through the public APIs. What is there already stays. */
export async function seedDemo(urls: DemoUrls): Promise<void> {
  // One after another, so that ids and the order of badges are the same in every new stack.
  for (const person of DEMO_PEOPLE) await furnish(person, urls);
}

async function furnish(person: DemoPerson, { authUrl, graphqlUrl }: DemoUrls): Promise<void> {
  const { username } = person;
  const token = await welcome(authUrl, { ...person, password: DEMO_PASSWORD });
  const ask = asker(`${graphqlUrl}/graphql`, token);
  const { viewer } = await ask<Owned>('{ viewer { badges(first: 1) { id } goals(first: 1) { id } } }');
  if (viewer.badges.length === 0) for (const input of BADGES_OF[username] ?? []) await ask(CREATE_BADGE, { input });
  if (viewer.goals.length === 0) for (const input of GOALS_OF[username] ?? []) await ask(CREATE_GOAL, { input });
}

async function welcome(authUrl: string, account: NewAccount): Promise<string> {
  const known = await tokenFor(authUrl, account);
  if (known) return known;
  await signUp(authUrl, account);
  const token = await tokenFor(authUrl, account);
  if (!token) throw new Error(`${account.username} is there already, with another password than the demo's.`);
  return token;
}

interface Owned {
  viewer: { badges: unknown[]; goals: unknown[] };
}

const CREATE_BADGE = 'mutation ($input: CreateBadgeInput!) { createBadge(input: $input) { badge { id } } }';
const CREATE_GOAL = 'mutation ($input: CreateGoalInput!) { createGoal(input: $input) { goal { id } } }';

function asker(url: string, token: string) {
  return async <Data>(query: string, variables: Record<string, unknown> = {}): Promise<Data> => {
    const headers = { 'content-type': 'application/json', authorization: `Bearer ${token}` };
    const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify({ query, variables }) });
    const { data, errors } = (await response.json()) as { data: Data; errors?: { message: string }[] };
    if (errors) throw new Error(`The demo data was refused: ${errors.map(({ message }) => message).join(' ')}`);
    return data;
  };
}
