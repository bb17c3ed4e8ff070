import { readFileSync } from 'node:fs';

/** The columns of the first line of /proc/stat are in hundredths of a second; "steal" is the eighth. */
const STEAL = /^cpu +(?:\d+ ){7}(\d+)/;
const MS_PER_TICK = 10;

/**
 * Returns the milliseconds that the host of this virtual machine has taken from all its processors; 0 where it is not
 * known.
 */
export function readStolenMs(file = '/proc/stat'): number {
  try {
    return Number(STEAL.exec(readFileSync(file, 'utf8'))?.[1] ?? 0) * MS_PER_TICK;
  } catch {
    return 0;
  }
}
