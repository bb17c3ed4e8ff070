import type { Workload } from '../workloads/workload.ts';
import { ask, type HttpRequest } from './http-request.ts';
import type { Server } from './server.ts';

const CHECKED = 50;
const SHOWN = 200;

/**
 * Sees that all servers answer the first 50 requests with the same bytes.
 * @throws Error with the place and both answers where two differ, or where one is no success
 */
export async function checkAnswers(
  { comparable = (answer) => answer }: Workload,
  servers: readonly Server[],
  requests: readonly HttpRequest[],
): Promise<void> {
  for (const request of requests.slice(0, CHECKED)) {
    let first: { name: string; answer: string } | undefined;
    for (const { name, url } of servers) {
      const answer = comparable(await ask(url, request));
      first ??= { name, answer };
      if (!answer.startsWith('200 ') || answer.includes('"errors":')) {
        throw new Error(`${name} does not answer ${request.method} ${request.path}:\n${answer.slice(0, SHOWN * 5)}`);
      }
      if (answer !== first.answer) throw new Error(difference(request, first, { name, answer }));
    }
  }
}

function difference({ method, path, body }: HttpRequest, ...answers: { name: string; answer: string }[]): string {
  const [one = '', other = ''] = answers.map(({ answer }) => answer);
  let place = 0;
  while (one[place] === other[place]) place++;
  const from = Math.max(place - 40, 0);
  const shown = answers.map(({ name, answer }) => `  ${name}: ...${answer.slice(from, from + SHOWN)}`);
  const asked = `${method} ${path} ${JSON.stringify(body ?? '').slice(0, SHOWN)}`;
  return [`Answers to ${asked} differ at character ${place}:`, ...shown].join('\n');
}
