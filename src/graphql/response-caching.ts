import type { ApolloServerPlugin, GraphQLRequestContextWillSendResponse } from '@apollo/server';
import type { GraphQLSchema } from 'graphql';
import type { RequestContext } from '../request-context.ts';
import { type CacheTags, cacheTagsOf, type TaggedOperation } from './cache-tags.ts';

type Request = GraphQLRequestContextWillSendResponse<RequestContext>;

/** Hive Gateway reads `max-age` only. */
const PRIVATE = 'private, no-store, max-age=0';

export interface ResponseCaching {
  plugin: ApolloServerPlugin<RequestContext>;
  /** Sets the headers and cache tags of a response that no other part changes any more. */
  finish: (request: Request) => void;
}

/**
 * Lets caches store the responses to queries that anonymous clients have sent, that have no error and that do not depend on
 * the viewer: no code has read it. So a field that is hidden from some viewers makes its response private by itself.
 */
export function responseCaching(schema: GraphQLSchema, maxAgeSeconds: number): ResponseCaching {
  const tagsOf = cacheTagsOf(schema);
  const watches = new WeakMap<RequestContext, ViewerWatch>();
  return {
    plugin: {
      requestDidStart: async ({ contextValue }) => {
        if (contextValue.viewer === null) watches.set(contextValue, watchViewer(contextValue));
      },
    },
    finish: (request) => {
      const { response, contextValue } = request;
      const isPublic = watches.get(contextValue)?.isRead === false && isSuccessfulQuery(request);
      response.http.headers.set('cache-control', isPublic ? `public, max-age=${maxAgeSeconds}` : PRIVATE);
      if (isPublic) addCacheTags(request, tagsOf);
    },
  };
}

interface ViewerWatch {
  isRead: boolean;
}

function watchViewer(context: RequestContext): ViewerWatch {
  const watch = { isRead: false };
  Object.defineProperty(context, 'viewer', {
    get: () => {
      watch.isRead = true;
      return null;
    },
  });
  return watch;
}

function isSuccessfulQuery({ operation, response: { body, http } }: Request): boolean {
  const isSuccess = http.status === undefined && body.kind === 'single' && body.singleResult.errors === undefined;
  return isSuccess && operation?.operation === 'query';
}

function addCacheTags(
  { response: { body }, request, document, operation }: Request,
  tagsOf: (query: TaggedOperation) => CacheTags | undefined,
): void {
  if (body.kind !== 'single' || document === undefined || operation === undefined) return;
  const tags = tagsOf({ document, operation, variables: request.variables ?? {} });
  if (tags !== undefined) body.singleResult.extensions = { ...tags };
}
