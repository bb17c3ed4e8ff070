import type { ApolloServerOptions } from '@apollo/server';
import type { DocumentNode } from 'graphql';
import { LRUCache } from 'lru-cache';

type DocumentStore = NonNullable<ApolloServerOptions<object>['documentStore']>;

/** Tokens of all cached documents together. The memory of a document, its syntax tree included, grows with them. */
const MAX_CACHED_TOKENS = 60_000;
/** Characters that take as much memory as a token. */
const CHARACTERS_PER_TOKEN = 250;

/**
 * Creates the cache of parsed and validated documents, bounded by the memory of their syntax trees. Apollo Server's own
 * cache measures a document by serializing it, and the JSON is a fraction of that memory.
 */
export function createDocumentCache(): DocumentStore {
  const documents = new LRUCache<string, DocumentNode>({ maxSize: MAX_CACHED_TOKENS, sizeCalculation: documentSize });
  return {
    get: async (key) => documents.get(key),
    set: async (key, document) => void documents.set(key, document),
    delete: async (key) => documents.delete(key),
  };
}

/** Returns the number of tokens of a document; long texts count as several. */
export function documentSize({ loc }: DocumentNode): number {
  if (loc === undefined) return 1;
  let tokens = Math.ceil(loc.source.body.length / CHARACTERS_PER_TOKEN);
  for (let token = loc.startToken.next; token !== null; token = token.next) tokens++;
  return tokens;
}
