/** better-auth asks what looks like a browser, as Node's fetch does, for its origin; it trusts every port of localhost. */
const ORIGIN = 'http://localhost:4001';

/** Accounts of the running auth-service, over its public API. */
export interface NewAccount {
  username: string;
  displayName: string;
  email: string;
  password: string;
}

export interface Credentials {
  username: string;
  password: string;
}

interface Answer {
  status: number;
  body: { token?: string; code?: string; user?: { id: string } };
}

/** The new person's id, or null when the e-mail address or the username is taken. */
export async function signUp(authUrl: string, { displayName, ...account }: NewAccount): Promise<string | null> {
  const { status, body } = await call(authUrl, '/sign-up/email', { ...account, name: displayName });
  if (body.user) return body.user.id;
  if (body.code?.includes('ALREADY')) return null;
  throw new Error(`The auth-service answered ${status} ${body.code ?? ''} to a sign-up.`);
}

/** A JWT for the user-service, or null when nobody has this name and password. */
export async function tokenFor(authUrl: string, { username, password }: Credentials): Promise<string | null> {
  const session = await call(authUrl, '/sign-in/username', { username, password });
  if (session.status === 401) return null;
  const headers = { authorization: `Bearer ${session.body.token}` };
  const { status, body } = await read(await fetch(`${authUrl}/api/auth/token`, { headers }));
  if (!body.token) throw new Error(`The auth-service answered ${status} when asked for a token.`);
  return body.token;
}

async function call(authUrl: string, path: string, body: unknown): Promise<Answer> {
  const headers = { 'content-type': 'application/json', origin: ORIGIN };
  return read(await fetch(`${authUrl}/api/auth${path}`, { method: 'POST', headers, body: JSON.stringify(body) }));
}

async function read(response: Response): Promise<Answer> {
  return { status: response.status, body: (await response.json()) as Answer['body'] };
}
