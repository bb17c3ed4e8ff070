import { createServer, type IncomingMessage } from 'node:http';

export type Operation = (variables: never) => Promise<string>;

export interface Handlers {
  /** GraphQL operations by name, and nothing parsed but JSON. */
  operations: Readonly<Record<string, Operation>>;
  /** What answers the other requests, by method and the path's last word. */
  routes?: Readonly<Record<string, (personId: string, body: string) => Promise<string>>>;
}

/** node:http, and a table of what is asked for. */
export function serve({ operations, routes = {} }: Handlers): void {
  const answer = (request: IncomingMessage, body: string): Promise<string> | undefined => {
    const { method = '', url = '' } = request;
    if (url === '/graphql') {
      const { operationName, variables } = JSON.parse(body);
      return operations[operationName]?.(variables as never);
    }
    const [, , personId = '', list = 'profile'] = url.split('/');
    return routes[`${method} ${list}`]?.(personId, body);
  };
  createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8');
    request.on('data', (text) => {
      body += text;
    });
    request.on('end', async () => {
      const text = await answer(request, body);
      if (text === undefined) return response.writeHead(404).end();
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) });
      return response.end(text);
    });
  }).listen(Number(process.env.PORT), '127.0.0.1');
}
