import { Counter, Gauge, type Registry } from '@prometheus-io/client';
import { durationHistogram } from './duration-histogram.ts';

const CIRCUIT_STATES = ['closed', 'open', 'half-open'] as const;
type CircuitState = (typeof CIRCUIT_STATES)[number];

export function createAuthServiceMetrics(registry: Registry) {
  const registers = [registry];
  const observe = durationHistogram(registry, {
    name: 'http_client_request_duration_seconds',
    help: 'Duration of calls to the auth-service and of fetches of its JWKS, by kind of failure',
    labelNames: ['peer_service', 'error_type'],
  });
  const observeCallTo = (peer_service: 'auth-service' | 'jwks') => (seconds: number, error_type: string | undefined) =>
    observe(error_type === undefined ? { peer_service } : { peer_service, error_type }, seconds);
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
    authService: {
      observeCall: observeCallTo('auth-service'),
      countFailedLookup: (errorType: string): void => failures.inc({ error_type: errorType }),
      changeCircuit: (state: CircuitState): void => {
        transitions.inc({ state });
        setState(state);
      },
    },
    jwks: {
      observeFetch: observeCallTo('jwks'),
      /** Exports the age of the keys, which is read at each scrape. */
      exportKeyAge: (readSeconds: () => number): void => exportKeyAge(registry, readSeconds),
    },
  };
}

function exportKeyAge(registry: Registry, readSeconds: () => number): void {
  new Gauge({
    name: 'auth_service_jwks_age_seconds',
    help: 'Age of the keys that verify tokens; infinite before the first ones have arrived',
    registers: [registry],
    collect() {
      this.set(readSeconds());
    },
  });
}
