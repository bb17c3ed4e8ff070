/** An error that the developer can correct. Commands print its message, a full sentence, without a stack trace. */
export class CliError extends Error {
  override name = 'CliError';
}
