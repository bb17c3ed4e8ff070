import type { FastifySchemaValidationError } from 'fastify';
import { isObject } from '../../lib/is-object.ts';

/**
 * Maximum members of a body, several times those of any operation. Validation creates an error for each unknown member,
 * and a body can have 50,000.
 */
const MAX_MEMBERS = 100;

/**
 * Rejects a body of too many members before its validation.
 * @throws an error of validation, which `restErrorHandler` answers with BAD_USER_INPUT
 */
export function requireFewMembers(body: unknown): void {
  if (!isObject(body) || Object.keys(body).length <= MAX_MEMBERS) return;
  const problem: FastifySchemaValidationError = {
    keyword: 'maxProperties',
    instancePath: '',
    schemaPath: '#/maxProperties',
    params: { limit: MAX_MEMBERS },
    message: `must have at most ${MAX_MEMBERS} members`,
  };
  throw Object.assign(new Error(problem.message), { validation: [problem], validationContext: 'body' });
}
