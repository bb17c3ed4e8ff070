import { Counter, Gauge, type Registry } from '@prometheus-io/client';
import { durationHistogram } from './histogram.ts';
import { memoizeFirst } from './memoize-first.ts';

const CIRCUIT_STATES = ['closed', 'open', 'half-open'] as const;
type CircuitState = (typeof CIRCUIT_STATES)[number];

export function createAuthServiceMetrics(registry: Registry) {
  const registers = [registry];
  const createSeries = durationHistogram(registry, {
    name: 'http_client_request_duration_seconds',
    help: 'Duration of calls to the auth-service by kind of failure',
  });
  const seriesOf = memoizeFirst((error_type: string | undefined) =>
    createSeries({ peer_service: 'auth-service', ...(error_type !== undefined && { error_type }) }),
  );
  const failures = new Counter({
    name: 'auth_service_lookup_failures_total',
    help: 'Lookups without a result by kind of failure, second tries included',
    labelNames: ['error_type'],
    registers,
  });
  const transitions = new Counter({
    name: 'auth_service_circuit_transitions_total',
    help: 'Changes of the circuit breaker to a state',
    labelNames: ['state'],
    registers,
  });
  const states = new Gauge({
    name: 'auth_service_circuit_state',
    help: 'State of the circuit breaker: 1 for the present one',
    labelNames: ['state'],
    registers,
  });
  const setState = (present: CircuitState) => {
    for (const state of CIRCUIT_STATES) states.set({ state }, state === present ? 1 : 0);
  };
  setState('closed');
  return {
    observeCall: (seconds: number, errorType: string | undefined): void => seriesOf(errorType).observe(seconds),
    countFailedLookup: (errorType: string): void => failures.inc({ error_type: errorType }),
    changeCircuit: (state: CircuitState): void => {
      transitions.inc({ state });
      setState(state);
    },
  };
}
