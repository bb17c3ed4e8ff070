import type { ServerProcess } from '../processes/server-process.ts';
import { fetchResponse, type HttpRequest } from '../workloads/http-request.ts';
import type { Workload } from '../workloads/workload.ts';

/** The number of requests whose responses are compared. */
const VERIFIED_REQUESTS = 50;
/** The length of the excerpts in error messages, in characters. */
const EXCERPT = 200;
/** The characters of an excerpt before the difference. */
const CONTEXT = 40;

interface Verification {
  servers: readonly ServerProcess[];
  requests: readonly HttpRequest[];
  prepare: () => Promise<void>;
}

interface NamedResponse {
  server: string;
  response: string;
}

/**
 * Verifies that all servers return the same bytes for the first requests.
 * @param prepare runs before the requests of each server, and restores the data that a workload writes
 * @throws Error with the first difference, or with a response that is not successful
 */
export async function verifyResponses(
  { normalize = (response) => response }: Workload,
  { servers, requests, prepare }: Verification,
): Promise<void> {
  const expected: NamedResponse[] = [];
  for (const { name: server, url } of servers) {
    await prepare();
    for (const [index, request] of requests.slice(0, VERIFIED_REQUESTS).entries()) {
      const actual = { server, response: normalize(await fetchResponse(url, request)) };
      requireSuccess(request, actual);
      const first = expected[index] ?? actual;
      expected[index] = first;
      if (actual.response !== first.response) throw new Error(describeDifference(request, first, actual));
    }
  }
}

function requireSuccess({ method, path }: HttpRequest, { server, response }: NamedResponse): void {
  if (response.startsWith('200 ') && !response.includes('"errors":')) return;
  throw new Error(`${server} did not answer ${method} ${path} successfully:\n${response.slice(0, EXCERPT * 5)}`);
}

function describeDifference(
  { method, path, body }: HttpRequest,
  expected: NamedResponse,
  actual: NamedResponse,
): string {
  let index = 0;
  while (expected.response[index] === actual.response[index]) index++;
  const from = Math.max(index - CONTEXT, 0);
  const excerpts = [expected, actual].map(
    ({ server, response }) => `  ${server}: ...${response.slice(from, from + EXCERPT)}`,
  );
  const request = `${method} ${path} ${JSON.stringify(body ?? '').slice(0, EXCERPT)}`;
  return [`Responses to ${request} differ at character ${index}:`, ...excerpts].join('\n');
}
