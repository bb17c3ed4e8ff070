/** One execution of a compiled query: what its fields need, and what the answer still waits for. */
export class Run {
  readonly context: unknown;
  readonly variables: Record<string, unknown>;
  readonly #made = new Map<object, unknown>();
  readonly #whole = Promise.withResolvers<void>();
  #waiting = 1;

  constructor(context: unknown, variables: Record<string, unknown>) {
    this.context = context;
    this.variables = variables;
    // Whoever gives up before finishing need not care for what comes later.
    this.#whole.promise.catch(() => undefined);
  }

  /** Puts into its place what a promise gives. Nobody else has to look after the promise. */
  await<Into>(promise: Promise<unknown>, place: (into: Into, value: unknown, run: Run) => void, into: Into): void {
    this.#waiting++;
    promise.then((value) => {
      try {
        place(into, value, this);
        this.#settle();
      } catch (error) {
        this.#whole.reject(error);
      }
    }, this.#whole.reject);
  }

  /** Resolves when everything is in its place; rejects as soon as something cannot be. To be called once. */
  finish(): Promise<void> {
    this.#settle();
    return this.#whole.promise;
  }

  /** What `make` made for this key in this run. */
  once<Value>(key: object, make: () => Value): Value {
    let value = this.#made.get(key) as Value | undefined;
    if (value === undefined) {
      value = make();
      this.#made.set(key, value);
    }
    return value;
  }

  #settle(): void {
    this.#waiting--;
    if (this.#waiting === 0) this.#whole.resolve();
  }
}
