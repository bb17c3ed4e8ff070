import { type Relay, startRelay } from './relay.ts';

/** A TCP relay to PostgreSQL that counts the rows of all results. */
interface RowCounter extends Relay {
  rows(): number;
}

const DATA_ROW = 'D'.charCodeAt(0);
/** Length of a message's type. */
const TYPE_BYTES = 1;
/** Length of a message's type and of its length, which counts itself. */
const HEADER_BYTES = 5;

/** Starts the relay. Connections must not be encrypted. */
export async function startRowCounter(targetUrl: string): Promise<RowCounter> {
  let rows = 0;
  const relay = await startRelay(targetUrl, () => ({ onReceived: countMessages(DATA_ROW, () => rows++) }));
  return { ...relay, rows: () => rows };
}

/** Returns a consumer of a stream of messages that calls `count` for each message of the type. */
function countMessages(type: number, count: () => void): (chunk: Buffer) => void {
  let unread = Buffer.alloc(0);
  return (chunk) => {
    unread = Buffer.concat([unread, chunk]);
    while (unread.length >= HEADER_BYTES) {
      const end = TYPE_BYTES + unread.readInt32BE(TYPE_BYTES);
      if (unread.length < end) return;
      if (unread[0] === type) count();
      unread = unread.subarray(end);
    }
  };
}
