/**
 * The `node:http` module. An `import` of its values reads every export, and reading `http.WebSocket` loads Node's fetch
 * and WebSocket implementation, which the service does not use. Type imports from `node:http` cost nothing.
 */
export const nodeHttp = process.getBuiltinModule('node:http');
