import type { Service } from '../support/app.ts';
import type { SignedIn } from '../support/fixtures.ts';
import type { Json } from '../support/json.ts';

/** Returns the titles of the viewer's goals in a result. */
export const titlesOf = (data: Json): string[] => data.viewer.goalsConnection.edges.map(({ node }: Json) => node.title);

/** Creates goals, one after another. */
export async function createGoals(service: Service, { token }: SignedIn, titles: string[]): Promise<void> {
  const create = 'mutation ($input: CreateGoalInput!) { createGoal(input: $input) { goal { id } } }';
  for (const title of titles) await service.graphql(create, { input: { title } }, { token });
}
