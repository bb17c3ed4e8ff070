import type { EventEmitter } from 'node:events';
import { type Logger, type LoggerOptions, pino } from 'pino';

export interface LogDestination {
  write(line: string): void;
  /** Called by pino after a fatal line, which may be the last. */
  flushSync?(): void;
}

/** Lines are written some at a time: a write for each costs more than all else about it. */
const BATCH_CHARACTERS = 12_000;
const BATCH_MS = 100;
/** What waits for a reader of stdout that has stalled: some 50,000 lines. More is dropped, and counted. */
const WAITING_CHARACTERS = 8_000_000;

/**
 * JSON lines on stdout, at most 100 ms late; on a terminal, lines for people. Tokens and people's data never get here:
 * requests are logged by route, not by address, and of an error its kind and place, for the messages of database errors
 * hold what was being stored.
 */
export async function createLogger(level: string, destination?: LogDestination): Promise<Logger> {
  const options: LoggerOptions = {
    level,
    base: null,
    timestamp: isoTime(),
    formatters: { level: (label: string) => ({ level: label }) },
    serializers: { err: describeError },
  };
  const onLoss = (lines: number) => logger.warn({ lines }, 'lines of the log were lost: nobody read them');
  const logger = pino(options, destination ?? (process.stdout.isTTY ? await prettyLines() : batchedLines(onLoss)));
  return logger;
}

/** pino's own `isoTime`, which makes a new text for each line, but for the lines of one millisecond. */
function isoTime(): () => string {
  let ms = 0;
  let text = '';
  return () => {
    const now = Date.now();
    if (now !== ms) {
      ms = now;
      text = `,"time":"${new Date(now).toISOString()}"`;
    }
    return text;
  };
}

/**
 * Gathered here and not by pino's destination, which counts the bytes of all that it has at every line. A batch is
 * written by a thread of libuv's pool, so that a slow reader of stdout holds up nobody; what a dying process has left to
 * say is written before anything else happens.
 * @param onLoss told how many lines were dropped, once they are read again
 */
function batchedLines(onLoss: (lines: number) => void): LogDestination {
  const destination = pino.destination({ dest: 1, sync: false, maxLength: WAITING_CHARACTERS });
  countLost(destination, onLoss);
  const synchronous = pino.destination({ dest: 1, sync: true });
  let lines = '';
  const handOver = (to: LogDestination) => {
    if (lines !== '') to.write(lines);
    lines = '';
  };
  const flush = () => handOver(destination);
  const flushSync = () => {
    destination.flushSync();
    handOver(synchronous);
  };
  setInterval(flush, BATCH_MS).unref();
  process.on('exit', flushSync);
  return {
    flushSync,
    write: (line) => {
      if (lines.length + line.length > BATCH_CHARACTERS) flush();
      lines += line;
    },
  };
}

function countLost(destination: EventEmitter, onLoss: (lines: number) => void): void {
  let lost = 0;
  destination.on('drop', (batch: string) => {
    lost += batch.split('\n').length - 1;
  });
  destination.on('drain', () => {
    if (lost > 0) onLoss(lost);
    lost = 0;
  });
}

async function prettyLines(): Promise<LogDestination> {
  const { PinoPretty } = await import('pino-pretty');
  return PinoPretty({ ignore: 'requestId', singleLine: true });
}

interface ErrorFacts {
  type: string;
  code?: unknown;
  constraint?: unknown;
  message?: string;
  stack?: string;
  cause?: ErrorFacts;
}

function describeError(error: unknown): ErrorFacts | undefined {
  if (!(error instanceof Error)) return error === undefined ? undefined : { type: typeof error };
  const fromDatabase = error.name === 'PostgresError' || error.constructor.name === 'DrizzleQueryError';
  return {
    type: error.constructor.name,
    ...('code' in error && { code: error.code }),
    ...('constraint_name' in error && { constraint: error.constraint_name }),
    ...(!fromDatabase && { message: error.message, ...(error.stack && { stack: error.stack }) }),
    ...(error.cause instanceof Error && { cause: describeError(error.cause) }),
  } as ErrorFacts;
}
