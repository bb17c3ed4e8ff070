/**
 * node:http without what an `import` of its values brings along: it reads every export, and `http.WebSocket` loads Node's
 * own fetch and WebSocket, 14 MB that nobody here uses. Types can be imported from `node:http` itself: they cost nothing.
 */
export const nodeHttp = process.getBuiltinModule('node:http');

/** A whole answer as it goes over the wire, for those who have the socket alone. */
export function answerText(status: number, headers: Readonly<Record<string, string | number>>, body: string): string {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  return `HTTP/1.1 ${status} ${nodeHttp.STATUS_CODES[status]}\r\n${lines.join('')}\r\n${body}`;
}
