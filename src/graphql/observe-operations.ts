import type { GraphQLRequestContextDidResolveOperation, GraphQLRequestContextWillSendResponse } from '@apollo/server';
import { operationEnds, operationStarts } from '../lib/channels.ts';
import type { Operation, RequestContext } from '../request-context.ts';

type ResolvedOperation = GraphQLRequestContextDidResolveOperation<RequestContext>;
/** A request whose response exists. */
export type AnsweredRequest = GraphQLRequestContextWillSendResponse<RequestContext>;

/** Names are chosen by clients, and log lines contain them. */
const MAX_NAME_LENGTH = 100;

/** Called when the response of an operation exists. */
export type ObserveOperation = (operation: Operation) => void;

/** Sets the start of the context's operation. */
export function startOperation({ operation }: RequestContext): void {
  if (operation !== undefined) operation.startedAt = performance.now();
}

/** Sets the type and the name of the context's operation. */
export function identifyOperation({ operation: definition, operationName, contextValue }: ResolvedOperation): void {
  const { operation } = contextValue;
  if (operation === undefined) return;
  operation.type = definition?.operation;
  operation.name = operationName?.slice(0, MAX_NAME_LENGTH);
  if (operationStarts.hasSubscribers) operationStarts.publish(operation);
}

/** Reports an operation whose response exists. */
export function endOperation({ contextValue, response }: AnsweredRequest, observe: ObserveOperation): void {
  const { operation } = contextValue;
  if (operation === undefined) return;
  operation.errorCodes = errorCodesOf(response);
  observe(operation);
  if (operationEnds.hasSubscribers) operationEnds.publish(operation);
}

/** Returns the codes of the errors in a response, each once. */
function errorCodesOf({ body }: AnsweredRequest['response']): string[] {
  const errors = body.kind === 'single' ? body.singleResult.errors : undefined;
  if (errors === undefined || errors.length === 0) return [];
  return [...new Set(errors.map(({ extensions }) => String(extensions?.code)))];
}
