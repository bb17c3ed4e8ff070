/**
 * Calls `run` for each item, for at most `limit` items at the same time. After an error no further item is started; the
 * error is thrown when the running ones have ended.
 */
export async function forEachConcurrently<Item>(
  items: readonly Item[],
  limit: number,
  run: (item: Item) => Promise<void>,
): Promise<void> {
  const remaining = items.values();
  let hasFailed = false;
  const work = async (): Promise<void> => {
    for (const item of remaining) {
      if (hasFailed) return;
      await run(item).catch((error: unknown) => {
        hasFailed = true;
        throw error;
      });
    }
  };
  const results = await Promise.allSettled(Array.from({ length: Math.min(items.length, limit) }, work));
  for (const result of results) if (result.status === 'rejected') throw result.reason;
}
