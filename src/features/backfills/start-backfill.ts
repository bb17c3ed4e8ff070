import { runStatement } from '../../db/write-retries.ts';
import { AppError, invalidField, tooManyAtOnce } from '../../errors.ts';
import { instantText } from '../../lib/instant.ts';
import type { RequestContext } from '../../request-context.ts';
import type { Manager } from '../badge-definitions/create-badge-definition.ts';
import { requireDefinitionKey } from '../badge-definitions/definition.ts';
import { requireDefinition } from '../badge-definitions/view-badge-definition.ts';
import type { BadgeBackfill } from './backfill.ts';
import { findRunning, insertBackfill } from './backfills.store.ts';
import { wakeRunner } from './run-backfills.ts';

/** Attempts to start a backfill or to find the running one, which may finish meanwhile. */
const MAX_ATTEMPTS = 3;

/**
 * Starts a backfill, which a replica runs in the background; or returns the one of the same kind that runs already.
 * @throws BAD_USER_INPUT for a definition without a rule, NOT_FOUND, CONFLICT for a definition that is not active
 */
export async function startBackfill(
  context: RequestContext,
  _manager: Manager,
  { key, dryRun }: { key: string; dryRun: boolean },
): Promise<BadgeBackfill> {
  const { db, now } = context;
  const definitionKey = requireDefinitionKey('key', key);
  const { state, rule } = await requireDefinition(context, definitionKey);
  if (state !== 'active') throw new AppError('CONFLICT', 'The badge definition is not active', { field: 'key' });
  if (rule === null) throw invalidField('key', 'key must be that of a badge definition with a rule');
  for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt++) {
    const backfill = { definitionKey, dryRun, startedAt: instantText(now()) };
    const inserted = await runStatement(db, () => insertBackfill(db, backfill));
    const started = inserted ?? (await findRunning(db, backfill));
    if (started === undefined) continue;
    if (inserted !== undefined) context.countWrites('backfill_started');
    wakeRunner(db);
    return started;
  }
  throw tooManyAtOnce('backfills of the same definition');
}
