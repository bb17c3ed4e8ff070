/** A request before it is bytes. */
export interface HttpRequest {
  method: 'GET' | 'POST';
  path: string;
  /** Sent as JSON. */
  body?: object;
  /** Whose bearer token it carries. */
  token: string;
}

/** The request as the load generator sends it. */
export function requestBytes({ method, path, body, token }: HttpRequest): Buffer {
  const text = body === undefined ? '' : JSON.stringify(body);
  const head = [`${method} ${path} HTTP/1.1`, 'Host: 127.0.0.1', `Authorization: Bearer ${token}`];
  if (body !== undefined) head.push('Content-Type: application/json', `Content-Length: ${Buffer.byteLength(text)}`);
  return Buffer.from(`${head.join('\r\n')}\r\n\r\n${text}`);
}

/** Sends one request, for a look at its answer. */
export async function ask(url: string, { method, path, body, token }: HttpRequest): Promise<string> {
  const headers = { authorization: `Bearer ${token}`, ...(body && { 'content-type': 'application/json' }) };
  const response = await fetch(url + path, { method, headers, ...(body && { body: JSON.stringify(body) }) });
  return `${response.status} ${(await response.text()).trimEnd()}`;
}
