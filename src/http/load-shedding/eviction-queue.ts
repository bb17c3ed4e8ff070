interface EvictionLimits<Item> {
  maxItems: number;
  /** Maximum sum of the items' bytes. */
  maxBytes: number;
  /** Called with each item that is evicted, after its removal. */
  evict: (item: Item) => void;
}

interface Entry {
  bytes: number;
  /** The time at which the item became the youngest. */
  since: number;
  /** The time at which it was added, or bytes were last subtracted. */
  heldSince: number;
}

/** Items, the oldest first. Over a limit, the oldest are evicted; the youngest is not. */
export class EvictionQueue<Item> {
  readonly #limits: EvictionLimits<Item>;
  readonly #entries = new Map<Item, Entry>();
  #total = 0;

  constructor(limits: EvictionLimits<Item>) {
    this.#limits = limits;
  }

  /** The sum of the items' bytes. */
  get bytes(): number {
    return this.#total;
  }

  has(item: Item): boolean {
    return this.#entries.has(item);
  }

  /** Returns the bytes of an item; 0 for an item that is not in the queue. */
  bytesOf(item: Item): number {
    return this.#entries.get(item)?.bytes ?? 0;
  }

  /** Adds bytes to an item, which becomes the youngest if it is new and otherwise keeps its place. */
  add(item: Item, bytes: number): void {
    const entry = this.#entries.get(item);
    if (entry === undefined) {
      const now = performance.now();
      this.#entries.set(item, { bytes, since: now, heldSince: now });
    } else entry.bytes += bytes;
    this.#total += bytes;
    while (this.#isOverLimit()) this.evictOldest(() => true);
  }

  /** Subtracts bytes from an item, which becomes the youngest, or is removed when it has none left. */
  subtract(item: Item, bytes: number): void {
    const remaining = this.remove(item) - bytes;
    if (remaining > 0) this.add(item, remaining);
  }

  /** Makes an item the youngest. */
  renew(item: Item): void {
    const entry = this.#entries.get(item);
    if (entry === undefined) return;
    this.#entries.delete(item);
    this.#entries.set(item, { ...entry, since: performance.now() });
  }

  /** Removes an item and returns its bytes; 0 for an item that is not in the queue. */
  remove(item: Item): number {
    const bytes = this.bytesOf(item);
    this.#entries.delete(item);
    this.#total -= bytes;
    return bytes;
  }

  /**
   * Evicts the oldest item that fulfils a condition. Returns whether there was one.
   * @param isEvictable gets an item, and the milliseconds since it became the youngest and since it was added
   */
  evictOldest(isEvictable: (item: Item, ms: { idle: number; held: number }) => boolean): boolean {
    const now = performance.now();
    for (const [item, { since, heldSince }] of this.#entries) {
      if (!isEvictable(item, { idle: now - since, held: now - heldSince })) continue;
      this.remove(item);
      this.#limits.evict(item);
      return true;
    }
    return false;
  }

  #isOverLimit(): boolean {
    const { size } = this.#entries;
    return size > 1 && (size > this.#limits.maxItems || this.#total > this.#limits.maxBytes);
  }
}
