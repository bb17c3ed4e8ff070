import { performance } from 'node:perf_hooks';
import { Counter, collectDefaultMetrics, Gauge, type Registry } from '@prometheus-io/client';
import { VERSION } from '../lib/version.ts';

/** The longest interval of a timer, in milliseconds: it never ends. */
const NEVER_MS = 2 ** 31 - 1;

/**
 * Metrics of the client library that are left out. Some are gauges that are named like counters, or lists of handles
 * with unbounded work at each scrape. Others need a timer that samples the event loop ten times a second.
 */
const LEFT_OUT = [
  'nodejs_active_handles',
  'nodejs_active_handles_total',
  'nodejs_active_requests',
  'nodejs_active_requests_total',
  'nodejs_active_resources',
  'nodejs_active_resources_total',
  'nodejs_eventloop_utilization_histogram',
  'nodejs_eventloop_utilization_summary',
  'nodejs_heap_space_size_available_bytes',
  'nodejs_heap_space_size_total_bytes',
  'nodejs_heap_space_size_used_bytes',
];

/** Adds the metrics of the process and of Node, and the version of the service. */
export function addProcessMetrics(registry: Registry): void {
  collectDefaultMetrics({ register: registry, eventLoopUtilizationTimeout: NEVER_MS });
  for (const name of LEFT_OUT) registry.removeSingleMetric(name);
  const registers = [registry];
  new Counter({
    name: 'nodejs_eventloop_time_seconds_total',
    help: 'Time of the event loop by state',
    labelNames: ['nodejs_eventloop_state'],
    registers,
    collect() {
      const { active, idle } = performance.eventLoopUtilization();
      this.reset();
      this.inc({ nodejs_eventloop_state: 'active' }, active / 1000);
      this.inc({ nodejs_eventloop_state: 'idle' }, idle / 1000);
    },
  });
  new Gauge({
    name: 'build_info',
    help: 'Version of the service; the value is always 1',
    labelNames: ['version'],
    registers,
  }).set({ version: VERSION }, 1);
}

/** Exports whether the replica is ready. Each scrape checks it, so that the value is right without probes. */
export function exportReadiness(registry: Registry, readiness: () => Promise<string | undefined>): void {
  new Gauge({
    name: 'user_service_ready',
    help: 'Whether the replica is ready: 1 or 0',
    registers: [registry],
    async collect() {
      this.set((await readiness()) === undefined ? 1 : 0);
    },
  });
}
