import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/** A connection with the service at `url` that has sent these bytes and reads nothing until `resume`. */
export async function openSocket(url: string, bytes = ''): Promise<Socket> {
  const { hostname, port } = new URL(url);
  const socket = connect({ host: hostname, port: Number(port) });
  socket.pause();
  await once(socket, 'connect');
  socket.on('error', () => undefined);
  if (bytes !== '') socket.write(bytes);
  return socket;
}

/** Opens connections in groups, so that the backlog of the listening socket holds them. */
export async function openSockets(count: number, open: (index: number) => Promise<Socket>): Promise<Socket[]> {
  const sockets: Socket[] = [];
  while (sockets.length < count) {
    const group = Array.from({ length: Math.min(100, count - sockets.length) }, (_, i) => open(sockets.length + i));
    sockets.push(...(await Promise.all(group)));
  }
  return sockets;
}

/** Reads what the connections have received, and returns how many of them the service has closed. */
export async function countClosed(sockets: readonly Socket[]): Promise<number> {
  const closed = sockets.map(async (socket) => {
    socket.resume();
    await Promise.race([once(socket, 'close'), new Promise((resolve) => setTimeout(resolve, 2000))]);
    return socket.closed || socket.readableEnded;
  });
  return (await Promise.all(closed)).filter(Boolean).length;
}

/** A request without a body, or with a complete one, or, with `contentLength`, an incomplete one. */
export function requestText(
  line: string,
  { headers = '', body = '', contentLength = Buffer.byteLength(body) }: RequestTextOptions = {},
): string {
  const length = contentLength === 0 ? '' : `Content-Type: application/json\r\nContent-Length: ${contentLength}\r\n`;
  return `${line} HTTP/1.1\r\nHost: localhost\r\n${headers}${length}\r\n${body}`;
}

interface RequestTextOptions {
  /** Lines that end with CRLF. */
  headers?: string;
  body?: string;
  contentLength?: number;
}
