export interface Output {
  write(text: string): void;
  /** Whether the output is a terminal, on which a line can be overwritten. */
  isTerminal: boolean;
}

/** The standard streams of a command. */
export interface Terminal {
  /** Prints the report of the command. Standard output. */
  report(text: string): void;
  /** Progress and errors, apart from the report so that programs can read the report. Standard error. */
  progress: Output;
  /** Asks the operator a question. Returns undefined when standard input is not a terminal. */
  prompt(question: string): Promise<string | undefined>;
}
