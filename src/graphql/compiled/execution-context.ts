import type { GraphQLError } from 'graphql';
import type { RequestContext } from '../../request-context.ts';

type SetValue<Target> = (target: Target, value: unknown, execution: ExecutionContext) => void;

/** One execution of a compiled query: its inputs, and the promises that its response waits for. */
export class ExecutionContext {
  readonly context: RequestContext;
  readonly variables: Record<string, unknown>;
  /** Errors of single entities, which leave null in their place. */
  readonly errors: GraphQLError[] = [];
  /** UTF-16 code units of all texts in the response. */
  textLength = 0;
  readonly #memo = new Map<object, unknown>();
  readonly #completion = Promise.withResolvers<void>();
  /** The promises that are pending, and one for `finish`. */
  #pending = 1;

  constructor(context: RequestContext, variables: Record<string, unknown>) {
    this.context = context;
    this.variables = variables;
    // NOTE: an execution that bails out before `finish` leaves later rejections unhandled
    this.#completion.promise.catch(() => undefined);
  }

  /** Calls `set` with the promise's value, and bails out at its rejection. */
  await<Target>(promise: Promise<unknown>, set: SetValue<Target>, target: Target): void {
    this.#pending++;
    promise.then((value) => this.#set(set, target, value), this.#completion.reject);
  }

  /** Calls `set` with the promise's value, or with the error of its rejection. */
  awaitSettled<Target>(promise: Promise<unknown>, set: SetValue<Target>, target: Target): void {
    this.#pending++;
    const settle = (value: unknown) => this.#set(set, target, value);
    promise.then(settle, settle);
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

  #set<Target>(set: SetValue<Target>, target: Target, value: unknown): void {
    try {
      set(target, value, this);
      this.#settle();
    } catch (error) {
      this.#completion.reject(error);
    }
  }

  #settle(): void {
    this.#pending--;
    if (this.#pending === 0) this.#completion.resolve();
  }
}
