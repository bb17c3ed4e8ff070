import type { Db } from '../../db/client.ts';
import { inTransaction } from '../../db/transaction.ts';
import { KeyedMutex } from '../../lib/keyed-mutex.ts';
import { memoizeByObject } from '../../lib/memoize-by-object.ts';
import { runQueued } from '../../lib/run-queued.ts';
import type { RequestContext } from '../../request-context.ts';
import { advanceRevision, lockDefinitions } from './badge-definitions.store.ts';
import type { BadgeDefinition } from './definition.ts';

/** A definition before and after a write; null before its creation. */
interface DefinitionWrite {
  before: BadgeDefinition | null;
  after: BadgeDefinition;
}

const QUEUE_KEY = 'definitions';
const mutexOf = memoizeByObject((_pool: Db) => new KeyedMutex());

/**
 * Runs a write of a definition in a transaction, after those before it, which would otherwise wait for its lock with a
 * connection each. Every replica applies a change of an active definition in the transactions that begin afterwards;
 * other changes concern no recording.
 */
export function writeDefinition(
  context: RequestContext,
  write: (tx: Db) => Promise<DefinitionWrite>,
): Promise<DefinitionWrite> {
  const { db } = context;
  const writeLocked = async (tx: Db) => {
    await lockDefinitions(tx);
    const change = await write(tx);
    if (concernsAwards(change)) await advanceRevision(tx);
    return change;
  };
  return runQueued(
    context,
    () => mutexOf(db).acquire(QUEUE_KEY),
    () => inTransaction(db, writeLocked),
  );
}

function concernsAwards({ before, after }: DefinitionWrite): boolean {
  return after !== before && (before?.state === 'active' || after.state === 'active');
}
