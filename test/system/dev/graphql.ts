interface GraphqlResponse {
  status: number;
  data?: Record<string, unknown> | null;
  errors?: { message: string; path?: (string | number)[]; extensions?: Record<string, unknown> }[];
}

interface Operation {
  query: string;
  token?: string | undefined;
  variables?: Record<string, unknown>;
  operationName?: string;
}

/** Posts one operation to `/graphql` below `url`. */
export async function execute(url: string, operation: Operation): Promise<GraphqlResponse> {
  const { query, token, variables, operationName } = operation;
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) },
    body: JSON.stringify({ query, variables, operationName }),
  });
  return { status: response.status, ...((await response.json()) as Omit<GraphqlResponse, 'status'>) };
}
