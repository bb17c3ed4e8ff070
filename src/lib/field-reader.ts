import { AppError, type FieldProblem, invalidFields } from '../errors.ts';
import { readText, type TextRule } from './text.ts';

/**
 * Returns the result of `read`. When it fails, the error also names the fields that `readOthers` rejects.
 * @throws BAD_USER_INPUT naming every invalid field, and any other error of both
 */
export function readWithOthers<Value>(read: () => Value, readOthers: () => unknown): Value {
  const fields = new FieldReader();
  const value = fields.collect(read);
  if (fields.problems.length > 0) fields.collect(readOthers);
  fields.throwIfInvalid();
  return value as Value;
}

/** Reads the fields of one input and collects the problems of all of them. */
export class FieldReader {
  readonly problems: FieldProblem[] = [];

  /**
   * Returns the normalized text, and records a problem when it breaks the rule. A value that is no string is left to
   * the schema of the API that received it.
   */
  text(field: string, value: unknown, rule: TextRule): string {
    if (typeof value !== 'string') return '';
    const { text, problem } = readText(value, rule);
    if (problem !== undefined) {
      this.problems.push({ field, kind: problem.kind, message: `${field} ${problem.message}` });
    }
    return text;
  }

  /** Records a problem unless the field has one already. */
  require(isValid: boolean, field: string, message: string): void {
    if (isValid || this.problems.some((problem) => problem.field === field)) return;
    this.problems.push({ field, kind: 'invalid', message: `${field} ${message}` });
  }

  /** Records a problem unless the value is an integer of the range, null or absent. */
  requireInteger(field: string, value: unknown, { min, max }: { min: number; max: number }): void {
    const isInRange = value == null || (Number.isInteger(value) && Number(value) >= min && Number(value) <= max);
    this.require(isInRange, field, `must be an integer from ${min} to ${max}`);
  }

  /**
   * Returns the result of `read`. When it throws BAD_USER_INPUT, records its problems and returns undefined.
   * @throws any other error of `read`
   */
  collect<Value>(read: () => Value): Value | undefined {
    try {
      return read();
    } catch (error) {
      if (!(error instanceof AppError) || error.problems === undefined) throw error;
      const isKnown = ({ field }: FieldProblem) => this.problems.some((problem) => problem.field === field);
      this.problems.push(...error.problems.filter((problem) => !isKnown(problem)));
      return undefined;
    }
  }

  /** @throws BAD_USER_INPUT naming every invalid field */
  throwIfInvalid(): void {
    const [first, ...others] = this.problems;
    if (first !== undefined) throw invalidFields([first, ...others]);
  }
}
