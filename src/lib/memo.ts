/** Remembers what `make` made for each argument, told apart by its JSON; for the life of one request. */
export function memoByArgs<Args, Value>(make: (args: Args) => Value): (args: Args) => Value {
  const made = new Map<string, Value>();
  return (args) => {
    const key = JSON.stringify(args) ?? '';
    let value = made.get(key);
    if (value === undefined) {
      value = make(args);
      made.set(key, value);
    }
    return value;
  };
}
