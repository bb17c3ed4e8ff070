/**
 * A DataLoader's batch function with its failure given to each of the keys: the loader then remembers it, as it remembers
 * what was found, and asks nobody again when a field of the same request is resolved a second time.
 */
export function keepFailure<Key, Value>(
  load: (keys: readonly Key[]) => Promise<Value[]>,
): (keys: readonly Key[]) => Promise<(Value | Error)[]> {
  return async (keys) => {
    try {
      return await load(keys);
    } catch (error) {
      const failure = error instanceof Error ? error : new Error('a batch failed', { cause: error });
      return keys.map(() => failure);
    }
  };
}
