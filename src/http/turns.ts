import type { FastifyInstance, RouteHandlerMethod } from 'fastify';

declare module 'fastify' {
  interface FastifyRequest {
    /** Of a batch whose turn it is. */
    endTurn?: EndTurn;
  }
}

/** So many batches run in any case, which is enough to keep a pool of connections and one thread busy; */
const ALWAYS_RUNNING = 4;
/** more of them while they have fewer items than this between them. */
const ITEMS = 200;

/** Ends a turn, or gives it up before it came: a batch that still waits is then never started. */
type EndTurn = () => void;

interface Batch {
  size: number;
  start: () => void;
}

/** Lets batches run a few at a time, in the order in which they came. */
export class Turns {
  readonly #waiting = new Set<Batch>();
  readonly #running = new Set<Batch>();
  #items = 0;

  /**
   * Calls `start` when it is the turn of a batch of `size` items, which may be at once. It is given what ends the turn, and
   * so is the caller.
   */
  take(size: number, start: (end: EndTurn) => void): EndTurn {
    const end = () => {
      this.#waiting.delete(batch);
      if (this.#running.delete(batch)) this.#items -= size;
      this.#startSome();
    };
    const batch: Batch = { size, start: () => start(end) };
    this.#waiting.add(batch);
    this.#startSome();
    return end;
  }

  #startSome(): void {
    for (const batch of this.#waiting) {
      if (this.#running.size >= ALWAYS_RUNNING && this.#items >= ITEMS) return;
      this.#waiting.delete(batch);
      this.#running.add(batch);
      this.#items += batch.size;
      batch.start();
    }
  }
}

/**
 * Lets the operations of a route that are batches take turns, from when their body is there until its handler
 * (`endingTurns`) has an answer; what is asked for one item waits for nobody. To be added behind what limits their time.
 *
 * When all run at once, each holds its rows until it has the last of them, which is so late that the engine takes them
 * for long-lived: only full collections find them then. One after another they are done no later, for less CPU and
 * memory (docs/PERFORMANCE.md). A batch must wait before anything is made for it: what is old keeps alive what it refers to.
 */
export function addTurns(route: FastifyInstance): void {
  const turns = new Turns();
  route.decorateRequest('endTurn');
  route.addHook('preHandler', (request, reply, done) => {
    const size = itemsIn(request.body);
    if (size <= 1) return done();
    const end = turns.take(size, (endTurn) => {
      request.endTurn = endTurn;
      done();
    });
    reply.raw.once('close', end);
  });
}

/** The handler of a route with turns. */
export function endingTurns(handler: RouteHandlerMethod): RouteHandlerMethod {
  return function (request, reply) {
    const answer = handler.call(this, request, reply);
    return request.endTurn !== undefined && answer instanceof Promise ? answer.finally(request.endTurn) : answer;
  };
}

/** How many objects the lists among an operation's variables have: a gateway's batch is a list of representations. */
function itemsIn(body: unknown): number {
  const { variables } = (body ?? {}) as { variables?: unknown };
  let count = 0;
  for (const value of Object.values(variables ?? {})) {
    if (Array.isArray(value) && typeof value[0] === 'object') count += value.length;
  }
  return count;
}
