import { statfs } from 'node:fs/promises';
import { CliError } from '../../dev/lib/cli-error.ts';
import { DATA_DIR } from '../database/database.ts';
import { formatNumber } from '../report/format-number.ts';

/** @throws CliError when less space is free on the disk of the database */
export async function requireDiskSpace(study: string, gigabytes: number): Promise<void> {
  const { bavail, bsize } = await statfs(DATA_DIR);
  const freeGb = (bavail * bsize) / 1e9;
  if (freeGb >= gigabytes) return;
  throw new CliError(
    `${study} requires ${gigabytes} GB of free disk space, but only ${formatNumber(freeGb)} are free.`,
  );
}
