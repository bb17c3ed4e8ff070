import { Mutex } from 'async-mutex';

/** A mutex for each key: the holders of one key come one after another, by priority and then in the order of their calls. */
export class KeyedMutex {
  readonly #keys = new Map<string, { mutex: Mutex; calls: number }>();

  /** Returns how many calls hold the mutex of the key or wait for it. */
  callsOf(key: string): number {
    return this.#keys.get(key)?.calls ?? 0;
  }

  /** Waits for the mutex of the key, a higher priority first. Returns the function that releases it. */
  async acquire(key: string, priority = 0): Promise<() => void> {
    const entry = this.#keys.get(key) ?? { mutex: new Mutex(), calls: 0 };
    this.#keys.set(key, entry);
    entry.calls++;
    const release = await entry.mutex.acquire(priority);
    return () => {
      release();
      entry.calls--;
      if (entry.calls === 0) this.#keys.delete(key);
    };
  }
}
