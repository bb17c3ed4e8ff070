import { Counter, Gauge, type Registry } from '@prometheus-io/client';
import type { MeasuredRequest } from '../http/measure-requests.ts';
import { durationHistogram } from './duration-histogram.ts';

type Api = 'graphql' | 'rest';

export type HttpMetrics = ReturnType<typeof createHttpMetrics>;

export function createHttpMetrics(registry: Registry) {
  const registers = [registry];
  const observe = durationHistogram(registry, {
    name: 'http_server_request_duration_seconds',
    help: 'Duration of requests, from the complete request to the end of the response, by method, route and status',
    labelNames: ['http_request_method', 'http_route', 'http_response_status_code'],
  });
  const errors = new Counter({
    name: 'api_errors_total',
    help: 'Responses with an error of this code, by API',
    labelNames: ['api', 'error_type'],
    registers,
  });
  const rejectedTokens = new Counter({
    name: 'auth_tokens_rejected_total',
    help: 'Requests whose token was rejected, by reason',
    labelNames: ['reason'],
    registers,
  });
  const rejections = new Counter({
    name: 'http_server_requests_rejected_total',
    help: 'Requests rejected because of a limit, by reason',
    labelNames: ['reason'],
    registers,
  });
  const closed = new Counter({
    name: 'http_server_connections_closed_total',
    help: 'Connections closed because of a limit, by reason',
    labelNames: ['reason'],
    registers,
  });
  return {
    observeRequest: ({ method, route = 'none', status, seconds, traceId }: MeasuredRequest): void => {
      const labels = { http_request_method: method, http_route: route, http_response_status_code: status };
      observe(labels, seconds, traceId);
    },
    /** Counts a response that has at least one error of this code. */
    countError: (api: Api, code: string) => errors.inc({ api, error_type: code }),
    countRejectedToken: (reason: string) => rejectedTokens.inc({ reason }),
    countRejection: (reason: string) => rejections.inc({ reason }),
    countClosed: (reason: string) => closed.inc({ reason }),
    /** Exports the number of requests in flight, which is read at each scrape. */
    exportActiveRequests: (read: () => number) => {
      new Gauge({
        name: 'http_server_active_requests',
        help: 'Requests in flight',
        registers,
        collect() {
          this.set(read());
        },
      });
    },
  };
}
