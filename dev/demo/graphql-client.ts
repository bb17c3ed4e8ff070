export type Execute = <Data>(query: string, variables?: Record<string, unknown>) => Promise<Data>;

/** Returns a function that executes an operation with the token. It throws when the response has errors. */
export function graphqlClient(url: string, token: string): Execute {
  return async <Data>(query: string, variables: Record<string, unknown> = {}): Promise<Data> => {
    const headers = { 'content-type': 'application/json', authorization: `Bearer ${token}` };
    const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify({ query, variables }) });
    const { data, errors } = (await response.json()) as { data: Data; errors?: { message: string }[] };
    if (errors) throw new Error(`${url} rejected the demo data: ${errors.map(({ message }) => message).join(' ')}`);
    return data;
  };
}
