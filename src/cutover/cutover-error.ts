/** An expected failure with a message for the operator. The command changed nothing beyond what the message states. */
export class CutoverError extends Error {}
