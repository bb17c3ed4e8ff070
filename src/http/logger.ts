import { type Logger, type LoggerOptions, pino } from 'pino';
import { isInstalled } from './optional-packages.ts';

export interface LogDestination {
  write(line: string): void;
  /** Called by pino after a fatal line, which may be the last. */
  flushSync?(): void;
}

interface LoggerOutput {
  /** Replaces stdout. */
  destination?: LogDestination | undefined;
  /** Called for each line that is dropped because stdout does not accept it. */
  onDrop?: () => void;
}

/** Lines are written in batches of this many characters, since a write per line costs more than the line itself. */
const BATCH_CHARACTERS = 12_000;
/** Maximum delay of a line. */
const FLUSH_INTERVAL_MS = 100;
/** Maximum backlog while stdout accepts nothing. Further lines are dropped and counted. */
const MAX_BACKLOG_CHARACTERS = 8_000_000;

/**
 * Creates the logger: JSON lines on stdout, or pretty lines on a terminal if pino-pretty is installed. It logs no
 * tokens and no user data. It logs requests by route instead of URL. It logs errors by type, code and stack, since the
 * messages of database errors contain stored values.
 */
export async function createLogger(
  level: string,
  { destination, onDrop = () => undefined }: LoggerOutput = {},
): Promise<Logger> {
  const options: LoggerOptions = {
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
    serializers: { err: serializeError },
  };
  const logDropped = (lines: number) => logger.warn({ lines }, 'log lines were dropped: stdout did not accept them');
  const pretty = destination === undefined && process.stdout.isTTY ? await prettyStdout() : undefined;
  const logger = pino(options, destination ?? pretty ?? batchedStdout({ onDrop, logDropped }));
  return logger;
}

/**
 * Writes batches in libuv's thread pool, so that a slow reader of stdout delays no request. pino flushes at exit. A
 * batch that cannot be written, as on a full disk, is written again with the next ones.
 * @param logDropped called with the number of dropped lines once the backlog is written
 */
function batchedStdout({
  onDrop,
  logDropped,
}: {
  onDrop: () => void;
  logDropped: (lines: number) => void;
}): LogDestination {
  const destination = pino.destination({
    dest: 1,
    sync: false,
    minLength: BATCH_CHARACTERS,
    maxLength: MAX_BACKLOG_CHARACTERS,
    periodicFlush: FLUSH_INTERVAL_MS,
  });
  destination.on('error', () => undefined);
  // NOTE: without the patch of sonic-boom, it repeats a failing write forever
  const flushSync = destination.flushSync.bind(destination);
  destination.flushSync = () => {
    try {
      flushSync();
    } catch {
      // The next write tries again; at the exit, the lines are lost.
    }
  };
  let dropped = 0;
  destination.on('drop', () => {
    dropped++;
    onDrop();
  });
  destination.on('drain', () => {
    if (dropped > 0) logDropped(dropped);
    dropped = 0;
  });
  return destination;
}

async function prettyStdout(): Promise<LogDestination | undefined> {
  if (!isInstalled('pino-pretty')) return undefined;
  const { PinoPretty } = await import('pino-pretty');
  return PinoPretty({ ignore: 'requestId', singleLine: true });
}

interface SerializedError {
  type: string;
  code?: unknown;
  constraint?: unknown;
  message?: string;
  stack?: string;
  cause?: SerializedError;
}

function serializeError(error: unknown): SerializedError | undefined {
  if (!(error instanceof Error)) return error === undefined ? undefined : { type: typeof error };
  const fromDatabase = error.name === 'PostgresError' || error.constructor.name === 'DrizzleQueryError';
  return {
    type: error.constructor.name,
    ...('code' in error && { code: error.code }),
    ...('constraint_name' in error && { constraint: error.constraint_name }),
    ...(!fromDatabase && { message: error.message, ...(error.stack && { stack: error.stack }) }),
    ...(error.cause instanceof Error && { cause: serializeError(error.cause) }),
  } as SerializedError;
}
