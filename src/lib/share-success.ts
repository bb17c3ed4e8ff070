/** Returns a function whose calls share the result of `create`. After a failure, the next call calls it again. */
export function shareSuccess<Result>(create: () => Promise<Result>): () => Promise<Result> {
  let result: Promise<Result> | undefined;
  return () => {
    result ??= create().catch((error: unknown) => {
      result = undefined;
      throw error;
    });
    return result;
  };
}
