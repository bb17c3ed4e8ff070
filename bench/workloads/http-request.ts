export interface HttpRequest {
  method: 'GET' | 'POST';
  path: string;
  /** Sent as JSON. */
  body?: object;
  /** The bearer token. */
  token: string;
}

/** Serializes a request to the bytes that the load generator sends. */
export function serializeRequest({ method, path, body, token }: HttpRequest): Buffer {
  const text = body === undefined ? '' : JSON.stringify(body);
  const head = [`${method} ${path} HTTP/1.1`, 'Host: 127.0.0.1', `Authorization: Bearer ${token}`];
  if (body !== undefined) head.push('Content-Type: application/json', `Content-Length: ${Buffer.byteLength(text)}`);
  return Buffer.from(`${head.join('\r\n')}\r\n\r\n${text}`);
}

/** Sends one request and returns the status and the body, separated by a space. */
export async function fetchResponse(url: string, { method, path, body, token }: HttpRequest): Promise<string> {
  const headers = { authorization: `Bearer ${token}`, ...(body && { 'content-type': 'application/json' }) };
  const response = await fetch(url + path, { method, headers, ...(body && { body: JSON.stringify(body) }) });
  return `${response.status} ${(await response.text()).trimEnd()}`;
}
