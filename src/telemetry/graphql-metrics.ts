import { Counter, type Registry } from '@prometheus-io/client';
import type { Operation } from '../request-context.ts';
import { BoundedNames, OTHER } from './bounded-names.ts';
import { durationHistogram } from './duration-histogram.ts';
import type { HttpMetrics } from './http-metrics.ts';

const ANONYMOUS = 'anonymous';

/** Returns the function that counts and measures a GraphQL operation when its response exists. */
export function createGraphqlMetrics(registry: Registry, { countError }: Pick<HttpMetrics, 'countError'>) {
  const registers = [registry];
  const observe = durationHistogram(registry, {
    name: 'graphql_operation_duration_seconds',
    help: 'Duration of operations by type, from the complete request to the response',
    labelNames: ['graphql_operation_type'],
  });
  const operations = new Counter({
    name: 'graphql_operations_total',
    help: 'Operations by type, executor and code of the first error',
    labelNames: ['graphql_operation_type', 'executor', 'error_type'],
    registers,
  });
  const byName = new Counter({
    name: 'graphql_operations_by_name_total',
    help: 'Operations by name; names over the limit of label values share one',
    labelNames: ['graphql_operation_name'],
    registers,
  });
  const names = new BoundedNames();

  /** Only operations that succeed can introduce a name, and those of anonymous clients cannot: a name is permanent. */
  const labelOf = ({ name, errorCodes, isTrusted }: Operation): string => {
    if (name === undefined) return ANONYMOUS;
    return isTrusted && errorCodes.length === 0 ? names.use(name) : names.known(name);
  };

  return (operation: Operation): void => {
    const { type, executor, errorCodes, startedAt, traceId } = operation;
    const graphql_operation_type = type ?? 'none';
    const [error_type] = errorCodes;
    operations.inc(
      error_type === undefined
        ? { graphql_operation_type, executor }
        : { graphql_operation_type, executor, error_type },
    );
    byName.inc({ graphql_operation_name: type === undefined ? OTHER : labelOf(operation) });
    observe({ graphql_operation_type }, (performance.now() - startedAt) / 1000, traceId);
    for (const code of errorCodes) countError('graphql', code);
  };
}
