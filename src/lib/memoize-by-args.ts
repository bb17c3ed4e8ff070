/**
 * Memoizes `create` by the JSON of its argument. A batch passes the same arguments object once per user, so the latest
 * object is recognized without serializing it again. The memo lives as long as the returned function.
 */
export function memoizeByArgs<Args, Value>(create: (args: Args) => Value): (args: Args) => Value {
  const values = new Map<string, Value>();
  let latest: { args: Args; value: Value } | undefined;
  return (args) => {
    if (latest !== undefined && latest.args === args) return latest.value;
    const key = JSON.stringify(args) ?? '';
    let value = values.get(key);
    if (value === undefined) {
      value = create(args);
      values.set(key, value);
    }
    latest = { args, value };
    return value;
  };
}
