import { Counter, type Registry } from '@prometheus-io/client';
import { BACKGROUND_TASKS, type CountFailure } from '../lib/background-task.ts';

const SIGNALS = ['log', 'span'] as const;

/** Creates the metrics of work outside requests. Each label value begins at 0, so that `increase()` sees the first. */
export function createBackgroundMetrics(registry: Registry) {
  const registers = [registry];
  const failures = new Counter({
    name: 'user_service_background_failures_total',
    help: 'Failures of tasks in the background',
    labelNames: ['task'],
    registers,
  });
  const dropped = new Counter({
    name: 'user_service_telemetry_dropped_total',
    help: 'Log lines and spans that were dropped because their reader did not accept them',
    labelNames: ['signal'],
    registers,
  });
  for (const task of BACKGROUND_TASKS) failures.inc({ task }, 0);
  for (const signal of SIGNALS) dropped.inc({ signal }, 0);
  const countFailure: CountFailure = (task) => failures.inc({ task });
  return {
    countFailure,
    countDropped: (signal: (typeof SIGNALS)[number], count = 1): void => dropped.inc({ signal }, count),
  };
}
