/**
 * node:http without what an `import` of its values brings along: it reads every export, and `http.WebSocket` loads Node's
 * own fetch and WebSocket, 14 MB that nobody here uses. Types can be imported from `node:http` itself: they cost nothing.
 */
export const nodeHttp = process.getBuiltinModule('node:http');
