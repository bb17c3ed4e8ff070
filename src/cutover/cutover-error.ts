/** Why a command does not go on, in a sentence for its operator. Nothing has been changed that the sentence does not tell. */
export class Refusal extends Error {}
