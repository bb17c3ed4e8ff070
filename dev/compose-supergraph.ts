import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { composeServices } from '@apollo/composition';
import { concatAST, type DocumentNode, parse } from 'graphql';
import { print, printError } from './lib/output.ts';

/** Committed for `npm run dev` and for gateways outside this repository. */
const SUPERGRAPH = new URL('supergraph.graphql', import.meta.url);

interface SubgraphUrls {
  /** Base URLs; each subgraph serves GraphQL at /graphql below its base. */
  authUrl: string;
  usersUrl: string;
}

/**
 * Composes the supergraph SDL from the two subgraph schemas in this repository.
 * @throws Error with the composition errors when the schemas do not compose
 */
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
    writeFileSync(SUPERGRAPH, composed);
    print('Wrote dev/supergraph.graphql.');
  } else if (composed !== readFileSync(SUPERGRAPH, 'utf8')) {
    printError('dev/supergraph.graphql does not match the schemas: run "npm run compose" and commit the result.');
    process.exitCode = 1;
  }
}

if (import.meta.main) main();
