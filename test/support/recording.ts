/** An array that a test clears before the call it asserts on. */
export class Recording<T> extends Array<T> {
  /** `filter` and `map` return plain arrays. */
  static override get [Symbol.species]() {
    return Array;
  }

  clear() {
    this.length = 0;
  }
}
