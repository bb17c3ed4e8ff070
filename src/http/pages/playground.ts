import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { AppError } from '../../errors.ts';
import { isInstalled, notInstalled } from '../optional-packages.ts';
import { createPage, type HtmlPage, type PageContent } from './html-page.ts';
import type { PlaygroundOptions } from './playground-content.ts';

const RENDERER = '@graphql-yoga/render-graphiql';

/** Returns why there can be no playground; undefined if there can. */
export function playgroundProblem(): string | undefined {
  return isInstalled(RENDERER) ? undefined : notInstalled(RENDERER);
}

/**
 * Renders the playground in a thread, which ends with it. In the thread of the service, rendering would block the event
 * loop long enough to trigger load shedding. The 9 MB of GraphiQL's module would also stay in memory.
 * @throws NOT_FOUND if the renderer is not installed
 */
export async function createPlayground(workerData: PlaygroundOptions): Promise<HtmlPage> {
  const problem = playgroundProblem();
  if (problem !== undefined) throw new AppError('NOT_FOUND', problem);
  const worker = new Worker(new URL('playground-worker.ts', import.meta.url), { workerData });
  const [content] = (await once(worker, 'message')) as [PageContent];
  return createPage(content);
}
