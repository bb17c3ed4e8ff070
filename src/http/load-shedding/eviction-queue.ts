export interface EvictionLimits<Item> {
  maxItems: number;
  /** Maximum sum of the items' bytes. */
  maxBytes: number;
  /** Called with each item that is evicted, after its removal. */
  evict: (item: Item) => void;
}

/** Items in the order of their arrival. Over a limit, the oldest are evicted; the youngest is not. */
export class EvictionQueue<Item> {
  readonly #limits: EvictionLimits<Item>;
  readonly #bytes = new Map<Item, number>();
  #total = 0;

  constructor(limits: EvictionLimits<Item>) {
    this.#limits = limits;
  }

  has(item: Item): boolean {
    return this.#bytes.has(item);
  }

  /** Adds bytes to an item, which becomes the youngest if it is new and otherwise keeps its place. */
  add(item: Item, bytes: number): void {
    this.#bytes.set(item, (this.#bytes.get(item) ?? 0) + bytes);
    this.#total += bytes;
    while (this.#isOverLimit()) this.#evictOldest();
  }

  /** Subtracts bytes from an item, which becomes the youngest, or is removed when it has none left. */
  subtract(item: Item, bytes: number): void {
    const remaining = this.remove(item) - bytes;
    if (remaining <= 0) return;
    this.#bytes.set(item, remaining);
    this.#total += remaining;
  }

  /** Removes an item and returns its bytes; 0 for an item that is not in the queue. */
  remove(item: Item): number {
    const bytes = this.#bytes.get(item) ?? 0;
    this.#bytes.delete(item);
    this.#total -= bytes;
    return bytes;
  }

  #isOverLimit(): boolean {
    const { size } = this.#bytes;
    return size > 1 && (size > this.#limits.maxItems || this.#total > this.#limits.maxBytes);
  }

  #evictOldest(): void {
    for (const oldest of this.#bytes.keys()) {
      this.remove(oldest);
      this.#limits.evict(oldest);
      return;
    }
  }
}
