const HTTP_PROTOCOLS = ['http:', 'https:'];

export type Env = Readonly<Record<string, string | undefined>>;

/** Reads settings from environment variables and collects every problem with them. An empty variable counts as absent. */
export class EnvReader {
  readonly #env: Env;
  readonly problems: string[] = [];

  constructor(env: Env) {
    this.#env = env;
  }

  problem(text: string): void {
    this.problems.push(text);
  }

  /** Returns the value as it is; `trim` removes spaces of Unicode too. */
  raw(name: string): string {
    return this.#env[name] ?? '';
  }

  optional(name: string): string | undefined {
    return this.#env[name]?.trim() || undefined;
  }

  text(name: string, fallback: string): string {
    return this.optional(name) ?? fallback;
  }

  required(name: string): string {
    const value = this.optional(name);
    if (value === undefined) this.problem(`${name} is required`);
    return value ?? '';
  }

  list(name: string): string[] {
    return this.text(name, '')
      .split(',')
      .map((item) => item.trim())
      .filter(Boolean);
  }

  /** Reads a required URL of HTTP. */
  url(name: string): string {
    const value = this.required(name);
    if (value !== '' && !HTTP_PROTOCOLS.includes(URL.parse(value)?.protocol ?? '')) {
      this.problem(`${name} must be a URL that starts with ${HTTP_PROTOCOLS.map((p) => `${p}//`).join(' or ')}`);
    }
    return value;
  }

  optionalUrl(name: string): string | undefined {
    return this.optional(name) === undefined ? undefined : this.url(name);
  }

  integer(name: string, range: { fallback: number; min: number; max: number }): number {
    const value = this.text(name, String(range.fallback));
    const number = /^\d+$/.test(value) ? Number(value) : Number.NaN;
    if (!(number >= range.min && number <= range.max)) {
      this.problem(`${name} must be an integer from ${range.min} to ${range.max}`);
    }
    return number;
  }

  flag(name: string, fallback: boolean): boolean {
    return this.oneOf(name, ['true', 'false'], fallback ? 'true' : 'false') === 'true';
  }

  oneOf<Value extends string>(name: string, values: readonly Value[], fallback: Value): Value {
    const value = this.text(name, fallback);
    const known = values.find((candidate) => candidate === value);
    if (known === undefined) this.problem(`${name} must be one of ${values.join(', ')}`);
    return known ?? fallback;
  }
}
