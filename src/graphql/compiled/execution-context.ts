/** One execution of a compiled query: its inputs, and the promises that its response waits for. */
export class ExecutionContext {
  readonly context: unknown;
  readonly variables: Record<string, unknown>;
  readonly #memo = new Map<object, unknown>();
  readonly #completion = Promise.withResolvers<void>();
  /** The promises that are pending, and one for `finish`. */
  #pending = 1;

  constructor(context: unknown, variables: Record<string, unknown>) {
    this.context = context;
    this.variables = variables;
    // NOTE: an execution that bails out before `finish` leaves later rejections unhandled
    this.#completion.promise.catch(() => undefined);
  }

  /** Calls `set` with the promise's value, and handles its rejection. */
  await<Target>(
    promise: Promise<unknown>,
    set: (target: Target, value: unknown, execution: ExecutionContext) => void,
    target: Target,
  ): void {
    this.#pending++;
    promise.then((value) => {
      try {
        set(target, value, this);
        this.#settle();
      } catch (error) {
        this.#completion.reject(error);
      }
    }, this.#completion.reject);
  }

  /** Resolves when every value is set; rejects at the first error. Call it once. */
  finish(): Promise<void> {
    this.#settle();
    return this.#completion.promise;
  }

  /** Returns the value that `create` created for this key in this execution. */
  once<Value>(key: object, create: () => Value): Value {
    let value = this.#memo.get(key) as Value | undefined;
    if (value === undefined) {
      value = create();
      this.#memo.set(key, value);
    }
    return value;
  }

  #settle(): void {
    this.#pending--;
    if (this.#pending === 0) this.#completion.resolve();
  }
}
