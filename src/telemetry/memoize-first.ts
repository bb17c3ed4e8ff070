/** Returns a function that creates a value for each key, and keeps those of the first `max` keys. */
export function memoizeFirst<Key, Value>(
  create: (key: Key) => Value,
  max = Number.POSITIVE_INFINITY,
): (key: Key) => Value {
  const values = new Map<Key, Value>();
  return (key) => {
    let value = values.get(key);
    if (value === undefined) {
      value = create(key);
      if (values.size < max) values.set(key, value);
    }
    return value;
  };
}
