import { setTimeout as delay } from 'node:timers/promises';
import { badgeBody, goalBody } from '../../support/builders.ts';
import type { HttpClient, RestOptions, RestResponse } from '../../support/http-client.ts';
import type { Json } from '../../support/json.ts';

interface User {
  id: string;
  token: string;
}

type List = 'badges' | 'goals';

/** One POST with a unique name. */
interface Post {
  name: string;
  list: List;
  key: string | undefined;
}

/** The results of all writers, in the memory of the test. */
export class WriteRecord {
  /** The responses by name. */
  readonly acknowledged = new Map<string, Post & { text: string; body: Json; userId: string }>();
  /** Rejected at the limit. */
  readonly rejected = new Set<string>();
  /** Sent without a key and without a response: the outcome is unknown. */
  readonly unknown = new Set<string>();
  /** Created and deleted, both acknowledged. */
  readonly deleted = new Set<string>();
  /** The number of retries of keyed requests, and of those that were replays. */
  readonly repeats = { sent: 0, replayed: 0 };
  /** Responses other than success, rejection and retry. */
  readonly unexpected: string[] = [];
}

/** Delay between retries. */
const PAUSE_MS = 50;
/** One POST in this many has no key. */
const UNKEYED_EVERY = 4;

/** A client that creates badges and goals, and deletes its oldest goal at the limit. */
export class Writer {
  readonly #service: HttpClient;
  readonly #user: User;
  readonly #record: WriteRecord;
  /** The names of the goals that exist. */
  readonly #goals: string[] = [];

  constructor(service: HttpClient, user: User, record: WriteRecord) {
    this.#service = service;
    this.#user = user;
    this.#record = record;
  }

  async write(number: number, isOver: () => boolean): Promise<void> {
    for (let i = 0; !isOver(); i++) {
      const name = `writer ${number} post ${i}`;
      const key = i % UNKEYED_EVERY === 0 ? undefined : `${number}-${i}`;
      await this.#post({ name, list: 'badges', key });
      await this.#post({ name: `${name} goal`, list: 'goals', key });
      if (this.#record.acknowledged.has(`${name} goal`)) this.#goals.push(`${name} goal`);
      else await this.#deleteOldestGoal();
    }
  }

  /** Retries a POST with a key until it gets a response; sends one without a key once. */
  async #post(post: Post): Promise<void> {
    const { name, list, key } = post;
    const body = list === 'badges' ? badgeBody({ name }) : goalBody({ title: name });
    const send = () => this.#send('POST', list, { body, headers: { 'idempotency-key': key } });
    const { repeats, acknowledged, rejected, unknown } = this.#record;
    let answer = await send();
    while (answer === undefined && key !== undefined) {
      await delay(PAUSE_MS);
      repeats.sent++;
      answer = await send();
      if (answer?.headers['idempotent-replayed']) repeats.replayed++;
    }
    if (answer === undefined) unknown.add(name);
    else if (answer.status === 200) acknowledged.set(name, { ...post, ...answer, userId: this.#user.id });
    else rejected.add(name);
  }

  async #deleteOldestGoal(): Promise<void> {
    const name = this.#goals.shift();
    if (name === undefined) return;
    const path = `goals/${this.#record.acknowledged.get(name)?.body.id}`;
    while ((await this.#send('DELETE', path)) === undefined) await delay(PAUSE_MS);
    this.#record.deleted.add(name);
  }

  /** Returns undefined when the connection failed, or when the response asks for a retry. */
  async #send(method: string, path: string, options: RestOptions = {}): Promise<RestResponse | undefined> {
    const { id, token } = this.#user;
    const answer = await this.#service
      .rest(`/users/${id}/${path}`, { ...options, method, token })
      .catch(() => undefined);
    if (answer === undefined || answer.status === 503 || answer.body.code === 'IDEMPOTENCY_IN_FLIGHT') return undefined;
    const isGone = method === 'DELETE' && answer.status === 404;
    const isExpected = answer.status < 300 || isGone || answer.body.code === 'LIMIT_REACHED';
    if (!isExpected) this.#record.unexpected.push(`${answer.status} ${answer.text}`);
    return answer;
  }
}
