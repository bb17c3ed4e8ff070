import { Mutex } from 'async-mutex';

/** A mutex for each key: the holders of one key come one after another, in the order of their calls. */
export class KeyedMutex {
  readonly #keys = new Map<string, { mutex: Mutex; calls: number }>();

  /**
   * Waits for the mutex of the key. Returns the function that releases it.
   * @param headStartMs the call comes before those that have waited for less than this time
   */
  async acquire(key: string, headStartMs = 0): Promise<() => void> {
    const entry = this.#keys.get(key) ?? { mutex: new Mutex(), calls: 0 };
    this.#keys.set(key, entry);
    entry.calls++;
    const release = await entry.mutex.acquire(headStartMs - performance.now());
    return () => {
      release();
      entry.calls--;
      if (entry.calls === 0) this.#keys.delete(key);
    };
  }
}
