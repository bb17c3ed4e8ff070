/** What a person is meant to read. */
export function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** Why something cannot be done, and what to do about it; standard output stays clean. */
export function saySorry(line: string): void {
  process.stderr.write(`${line}\n`);
}
