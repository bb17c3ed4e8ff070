/**
 * Wraps a DataLoader batch function so that its error is returned for each key. DataLoader caches returned errors but
 * not rejected batches, so a field that is resolved twice in a request does not load twice.
 */
export function cacheBatchErrors<Key, Value>(
  load: (keys: readonly Key[]) => Promise<Value[]>,
): (keys: readonly Key[]) => Promise<(Value | Error)[]> {
  return async (keys) => {
    try {
      return await load(keys);
    } catch (error) {
      const failure = error instanceof Error ? error : new Error('batch failed', { cause: error });
      return keys.map(() => failure);
    }
  };
}
