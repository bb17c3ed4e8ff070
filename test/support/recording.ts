/** An array that a test empties just before the act it asserts on. */
export class Recording<T> extends Array<T> {
  /** `filter`, `map` and the like give plain arrays. */
  static override get [Symbol.species]() {
    return Array;
  }

  clear() {
    this.length = 0;
  }
}
