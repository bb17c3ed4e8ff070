import { setTimeout as delay } from 'node:timers/promises';
import { badgeBody, goalBody } from '../../support/builders.ts';
import type { HttpClient, RestOptions, RestResponse } from '../../support/http-client.ts';
import type { Json } from '../../support/json.ts';

interface TestUser {
  id: string;
  token: string;
}

type List = 'badges' | 'goals';

/** One POST, told apart from all others by its name. */
interface Post {
  name: string;
  list: List;
  key: string | undefined;
}

/** What the writers know, kept where no crash of the service reaches. */
export class Witness {
  /** The answers, as they were received, by name. */
  readonly acknowledged = new Map<string, Post & { text: string; body: Json; userId: string }>();
  /** Refused at the limit. */
  readonly refused = new Set<string>();
  /** Sent without a key and not answered: nobody can know. */
  readonly unknown = new Set<string>();
  /** Acknowledged, and then deleted with an acknowledgement of that too. */
  readonly deleted = new Set<string>();
  /** How often a keyed request had to be sent again, and how often it turned out to have been done. */
  readonly repeats = { sent: 0, replayed: 0 };
  /** Answers that no writer should get. */
  readonly surprises: string[] = [];
}

const PAUSE_MS = 50;
/** Of every four POSTs one has no key. */
const UNKEYED_EVERY = 4;

/** Somebody who writes badges and goals by turns, and makes room where the limit is reached. */
export class Writer {
  readonly #service: HttpClient;
  readonly #user: TestUser;
  readonly #witness: Witness;
  /** The names of goals that may be deleted again. */
  readonly #goals: string[] = [];

  constructor(service: HttpClient, user: TestUser, witness: Witness) {
    this.#service = service;
    this.#user = user;
    this.#witness = witness;
  }

  async write(number: number, isOver: () => boolean): Promise<void> {
    for (let i = 0; !isOver(); i++) {
      const name = `writer ${number} post ${i}`;
      const key = i % UNKEYED_EVERY === 0 ? undefined : `${number}-${i}`;
      await this.#post({ name, list: 'badges', key });
      await this.#post({ name: `${name} too`, list: 'goals', key });
      if (this.#witness.acknowledged.has(`${name} too`)) this.#goals.push(`${name} too`);
      else await this.#deleteOldestGoal();
    }
  }

  /** With a key until it is answered, without one once. */
  async #post(post: Post): Promise<void> {
    const { name, list, key } = post;
    const body = list === 'badges' ? badgeBody({ name }) : goalBody({ title: name });
    const send = () => this.#send('POST', list, { body, headers: { 'idempotency-key': key } });
    const { repeats, acknowledged, refused, unknown } = this.#witness;
    let answer = await send();
    while (answer === undefined && key !== undefined) {
      await delay(PAUSE_MS);
      repeats.sent++;
      answer = await send();
      if (answer?.headers['idempotent-replayed']) repeats.replayed++;
    }
    if (answer === undefined) unknown.add(name);
    else if (answer.status === 200) acknowledged.set(name, { ...post, ...answer, userId: this.#user.id });
    else refused.add(name);
  }

  async #deleteOldestGoal(): Promise<void> {
    const name = this.#goals.shift();
    if (name === undefined) return;
    const path = `goals/${this.#witness.acknowledged.get(name)?.body.id}`;
    while ((await this.#send('DELETE', path)) === undefined) await delay(PAUSE_MS);
    this.#witness.deleted.add(name);
  }

  /** Nothing when the connection broke, before the answer or within it, and when the answer is to try again. */
  async #send(method: string, path: string, options: RestOptions = {}): Promise<RestResponse | undefined> {
    const { id, token } = this.#user;
    const answer = await this.#service
      .rest(`/users/${id}/${path}`, { ...options, method, token })
      .catch(() => undefined);
    if (answer === undefined || answer.status === 503 || answer.body.code === 'IDEMPOTENCY_IN_FLIGHT') return undefined;
    const isGone = method === 'DELETE' && answer.status === 404;
    const isExpected = answer.status < 300 || isGone || answer.body.code === 'LIMIT_REACHED';
    if (!isExpected) this.#witness.surprises.push(`${answer.status} ${answer.text}`);
    return answer;
  }
}
