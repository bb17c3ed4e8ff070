import type { RequestContext } from '../request-context.ts';
import type { AnsweredRequest } from './observe-operations.ts';

/** Hive Gateway reads `max-age` only. */
const PRIVATE = 'private, no-store, max-age=0';

interface ResponseCaching {
  /** Notes from now on whether code reads the viewer. */
  watch: (context: RequestContext) => void;
  /** Sets the headers of a response that no other part changes any more. */
  finish: (request: AnsweredRequest) => void;
}

/**
 * Lets caches store the responses to queries that anonymous clients have sent, that have no error and that do not
 * depend on the viewer. That is so when no code has read the viewer. So a field that is hidden from some viewers makes
 * its response private by itself.
 */
export function responseCaching(maxAgeSeconds: number): ResponseCaching {
  const watches = new WeakMap<RequestContext, ViewerWatch>();
  return {
    watch: (context) => {
      if (context.viewer === null) watches.set(context, watchViewer(context));
    },
    finish: (request) => {
      const { response, contextValue } = request;
      const isPublic = watches.get(contextValue)?.isRead === false && isSuccessfulQuery(request);
      response.http.headers.set('cache-control', isPublic ? `public, max-age=${maxAgeSeconds}` : PRIVATE);
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

function isSuccessfulQuery({ operation, response: { body, http } }: AnsweredRequest): boolean {
  const isSuccess = http.status === undefined && body.kind === 'single' && body.singleResult.errors === undefined;
  return isSuccess && operation?.operation === 'query';
}
