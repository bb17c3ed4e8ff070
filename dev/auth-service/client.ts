/** better-auth takes `fetch` for a browser and requires a trusted Origin header; every port of localhost is trusted. */
const ORIGIN = 'http://localhost:4001';

export interface NewAccount {
  username: string;
  displayName: string;
  email: string;
  password: string;
}

interface Credentials {
  username: string;
  password: string;
}

interface AuthResponse {
  status: number;
  body: { token?: string; code?: string; user?: { id: string } };
}

/** Creates an account. Returns the new user's id, or null when the e-mail address or the username is taken. */
export async function signUp(authUrl: string, { displayName, ...account }: NewAccount): Promise<string | null> {
  const { status, body } = await post(authUrl, '/sign-up/email', { ...account, name: displayName });
  if (body.user) return body.user.id;
  if (body.code?.includes('ALREADY')) return null;
  throw new Error(
    `The auth-service rejected the sign-up with status ${status} ${body.code ?? ''}; expected a new user.`,
  );
}

/** Signs a user in. Returns a JWT for the user-service, or null when the username or the password is wrong. */
export async function fetchToken(authUrl: string, { username, password }: Credentials): Promise<string | null> {
  const session = await post(authUrl, '/sign-in/username', { username, password });
  if (session.status === 401) return null;
  const headers = { authorization: `Bearer ${session.body.token}` };
  const { status, body } = await readResponse(await fetch(`${authUrl}/api/auth/token`, { headers }));
  if (!body.token)
    throw new Error(`The auth-service answered the token request with status ${status}; expected a token.`);
  return body.token;
}

async function post(authUrl: string, path: string, body: unknown): Promise<AuthResponse> {
  const headers = { 'content-type': 'application/json', origin: ORIGIN };
  return readResponse(
    await fetch(`${authUrl}/api/auth${path}`, { method: 'POST', headers, body: JSON.stringify(body) }),
  );
}

async function readResponse(response: Response): Promise<AuthResponse> {
  return { status: response.status, body: (await response.json()) as AuthResponse['body'] };
}
