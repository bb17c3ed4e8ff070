import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { composeServices } from '@apollo/composition';
import { concatAST, type DocumentNode, parse } from 'graphql';
import { say, saySorry } from './lib/say.ts';

/** For `npm run dev`, and for those who point a gateway of their own at it. */
const COMMITTED = new URL('supergraph.graphql', import.meta.url);

export interface SubgraphUrls {
  /** Base addresses: each subgraph answers at /graphql below it. */
  authUrl: string;
  usersUrl: string;
}

/** The supergraph of the two SDLs in this repository; throws with the composer's messages when they do not compose. */
export function composeSupergraph({ authUrl, usersUrl }: SubgraphUrls): string {
  const { supergraphSdl, errors } = composeServices([
    { name: 'auth', url: `${authUrl}/graphql`, typeDefs: readSdl(new URL('auth-service/', import.meta.url)) },
    { name: 'users', url: `${usersUrl}/graphql`, typeDefs: readSdl(new URL('../schema/', import.meta.url)) },
  ]);
  if (errors) throw new Error(errors.map(({ message }) => message).join('\n'));
  return `${supergraphSdl.trimEnd()}\n`;
}

function readSdl(folder: URL): DocumentNode {
  const files = readdirSync(folder).filter((name) => name.endsWith('.graphql'));
  return concatAST(files.sort().map((name) => parse(readFileSync(new URL(name, folder), 'utf8'))));
}

function main(): void {
  const composed = composeSupergraph({ authUrl: 'http://localhost:4001', usersUrl: 'http://localhost:4002' });
  if (!process.argv.includes('--check')) {
    writeFileSync(COMMITTED, composed);
    say('dev/supergraph.graphql is written.');
  } else if (composed !== readFileSync(COMMITTED, 'utf8')) {
    saySorry('dev/supergraph.graphql does not match the schemas: run "node dev/compose.ts" and commit the result.');
    process.exitCode = 1;
  }
}

if (import.meta.main) main();
