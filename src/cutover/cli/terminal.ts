export interface Output {
  write(text: string): void;
  /** Whether the output is a terminal, on which a line can be overwritten. */
  isTerminal: boolean;
}

/** The standard streams of a command. */
export interface Terminal {
  /** The report of the command. Standard output. */
  report: Output;
  /** Progress and errors, apart from the report so that programs can read the report. Standard error. */
  progress: Output;
  /** Asks the operator a question. Returns undefined when standard input is not a terminal. */
  prompt(question: string): Promise<string | undefined>;
}
