/** Where lines go; `replaces` says whether a line can be written over, as on a terminal. */
export interface Output {
  write(text: string): void;
  replaces: boolean;
}

export interface RowsDone {
  rowsRead: number;
  rowsTotal: number;
}

const TERMINAL_MS = 200;
const LINES_MS = 3000;

interface Stretch {
  label: string;
  startedAt: number;
  rowsAtStart: number;
  shownAt: number;
}

/** Tells how far a long work is: in place on a terminal, else a line every few seconds. */
export class Progress {
  readonly #output: Output;
  #stretch: Stretch | undefined;
  #isLineOpen = false;

  constructor(output: Output) {
    this.#output = output;
  }

  say(line: string): void {
    this.#closeLine();
    this.#output.write(`${line}\n`);
  }

  /** The first call with a label begins a stretch, the one that has all rows ends it. */
  update(label: string, { rowsRead: rows, rowsTotal: total }: RowsDone): void {
    const now = performance.now();
    if (this.#stretch?.label !== label) this.#stretch = { label, startedAt: now, rowsAtStart: rows, shownAt: now };
    const stretch = this.#stretch;
    const isDone = rows >= total;
    if (!isDone && now - stretch.shownAt < (this.#output.replaces ? TERMINAL_MS : LINES_MS)) return;
    stretch.shownAt = now;
    const seconds = duration((now - stretch.startedAt) / 1000);
    this.#show(isDone ? `  ${label}: ${grouped(rows)} rows, ${seconds}` : describe(stretch, { rows, total, now }));
    if (!isDone) return;
    this.#closeLine();
    this.#stretch = undefined;
  }

  #show(line: string): void {
    if (this.#output.replaces) this.#output.write(`\r\u001b[K${line}`);
    else this.#output.write(`${line}\n`);
    this.#isLineOpen = this.#output.replaces;
  }

  #closeLine(): void {
    if (this.#isLineOpen) this.#output.write('\n');
    this.#isLineOpen = false;
  }
}

function describe(
  { label, startedAt, rowsAtStart }: Stretch,
  { rows, total, now }: { rows: number; total: number; now: number },
): string {
  const perSecond = ((rows - rowsAtStart) * 1000) / Math.max(now - startedAt, 1);
  const secondsLeft = perSecond > 0 ? (total - rows) / perSecond : Number.POSITIVE_INFINITY;
  const percent = Math.floor((rows * 100) / Math.max(total, 1));
  const left = Number.isFinite(secondsLeft) ? `, ${duration(secondsLeft)} left` : '';
  return `  ${label}: ${grouped(rows)} of ${grouped(total)} rows (${percent} %), ${grouped(Math.round(perSecond))} rows/s${left}`;
}

/** 1234567 as 1,234,567. */
export function grouped(number: number): string {
  return number.toLocaleString('en-US');
}

export function duration(seconds: number): string {
  const whole = Math.ceil(seconds);
  return whole < 60 ? `${whole} s` : `${Math.floor(whole / 60)} min ${whole % 60} s`;
}
