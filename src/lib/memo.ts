/**
 * Remembers what `make` made for each argument, told apart by its JSON; for the life of one request. The same object may
 * come many times in a row, once for each person of a batch, and is known without a look into it.
 */
export function memoByArgs<Args, Value>(make: (args: Args) => Value): (args: Args) => Value {
  const made = new Map<string, Value>();
  let latest: { args: Args; value: Value } | undefined;
  return (args) => {
    if (latest !== undefined && latest.args === args) return latest.value;
    const key = JSON.stringify(args) ?? '';
    let value = made.get(key);
    if (value === undefined) {
      value = make(args);
      made.set(key, value);
    }
    latest = { args, value };
    return value;
  };
}
