export interface Answer {
  status: number;
  data?: Record<string, unknown> | null;
  errors?: { message: string; path?: (string | number)[]; extensions?: Record<string, unknown> }[];
}

export interface Question {
  query: string;
  token?: string | undefined;
  variables?: Record<string, unknown>;
  operationName?: string;
}

/** One operation, posted to `/graphql` below `url`. */
export async function ask(url: string, { query, token, variables, operationName }: Question): Promise<Answer> {
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) },
    body: JSON.stringify({ query, variables, operationName }),
  });
  return { status: response.status, ...((await response.json()) as Omit<Answer, 'status'>) };
}
