import { createServer, type IncomingMessage } from 'node:http';

/** Returns the body of the response as JSON. */
type Operation = (variables: never) => Promise<string>;

interface Handlers {
  /** GraphQL operations by name. Queries are not parsed. */
  operations: Readonly<Record<string, Operation>>;
  /** REST handlers by method and the last segment of the path. */
  routes?: Readonly<Record<string, (userId: string, body: string) => Promise<string>>>;
}

export function startHttpServer({ operations, routes = {} }: Handlers): void {
  const handle = (request: IncomingMessage, body: string): Promise<string> | undefined => {
    const { method = '', url = '' } = request;
    if (url === '/graphql') {
      const { operationName, variables } = JSON.parse(body);
      return operations[operationName]?.(variables as never);
    }
    const [, , userId = '', list = 'profile'] = url.split('/');
    return routes[`${method} ${list}`]?.(userId, body);
  };
  createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8');
    request.on('data', (chunk) => {
      body += chunk;
    });
    request.on('end', async () => {
      const json = await handle(request, body);
      if (json === undefined) return response.writeHead(404).end();
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(json) });
      return response.end(json);
    });
  }).listen(Number(process.env.PORT), '127.0.0.1');
}
