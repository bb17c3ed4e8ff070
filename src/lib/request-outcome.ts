/** How a request has ended: `aborted` when its connection has closed before the whole response was sent. */
export type RequestOutcome = 'sent' | 'aborted';

/** The status of aborted requests, which nginx has introduced. */
const CLIENT_CLOSED_REQUEST = 499;

/** Returns the status of a request that has ended, for logs, metrics and traces. */
export function statusOf(
  { outcome }: { outcome: RequestOutcome | undefined },
  { statusCode }: { statusCode: number },
): number {
  return outcome === 'aborted' ? CLIENT_CLOSED_REQUEST : statusCode;
}
