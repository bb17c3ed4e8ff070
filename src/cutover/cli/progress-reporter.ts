import type { TableProgress } from '../v1/batches.ts';
import { formatDuration, formatNumber } from './format.ts';
import type { Output } from './terminal.ts';

/** Time between updates on a terminal, where a line is overwritten. */
const TERMINAL_INTERVAL_MS = 200;
/** Time between lines in other outputs, such as a log. */
const LINE_INTERVAL_MS = 3000;

interface Task {
  label: string;
  startedAt: number;
  rowsAtStart: number;
  shownAt: number;
}

/** Prints the progress of tasks: on one line of a terminal, otherwise as a line every few seconds. */
export class ProgressReporter {
  readonly #output: Output;
  #task: Task | undefined;
  #isLineOpen = false;

  constructor(output: Output) {
    this.#output = output;
  }

  print(line: string): void {
    this.#closeLine();
    this.#output.write(`${line}\n`);
  }

  /** The first call with a label starts a task. The call in which all rows are read ends it. */
  update(label: string, { rowsRead: rows, rowsTotal: total }: TableProgress): void {
    const now = performance.now();
    if (this.#task?.label !== label) this.#task = { label, startedAt: now, rowsAtStart: rows, shownAt: now };
    const task = this.#task;
    const isDone = rows >= total;
    const interval = this.#output.isTerminal ? TERMINAL_INTERVAL_MS : LINE_INTERVAL_MS;
    if (!isDone && now - task.shownAt < interval) return;
    task.shownAt = now;
    const elapsed = formatDuration((now - task.startedAt) / 1000);
    this.#show(isDone ? `  ${label}: ${formatNumber(rows)} rows, ${elapsed}` : formatTask(task, { rows, total, now }));
    if (!isDone) return;
    this.#closeLine();
    this.#task = undefined;
  }

  #show(line: string): void {
    if (this.#output.isTerminal) this.#output.write(`\r\u001b[K${line}`);
    else this.#output.write(`${line}\n`);
    this.#isLineOpen = this.#output.isTerminal;
  }

  #closeLine(): void {
    if (this.#isLineOpen) this.#output.write('\n');
    this.#isLineOpen = false;
  }
}

function formatTask(
  { label, startedAt, rowsAtStart }: Task,
  { rows, total, now }: { rows: number; total: number; now: number },
): string {
  const rowsPerSecond = ((rows - rowsAtStart) * 1000) / Math.max(now - startedAt, 1);
  const secondsLeft = rowsPerSecond > 0 ? (total - rows) / rowsPerSecond : Number.POSITIVE_INFINITY;
  const percent = Math.floor((rows * 100) / Math.max(total, 1));
  const left = Number.isFinite(secondsLeft) ? `, ${formatDuration(secondsLeft)} left` : '';
  const speed = `${formatNumber(Math.round(rowsPerSecond))} rows/s`;
  return `  ${label}: ${formatNumber(rows)} of ${formatNumber(total)} rows (${percent} %), ${speed}${left}`;
}
