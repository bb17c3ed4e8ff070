const HTTP_PROTOCOLS = ['http:', 'https:'];

/**
 * Maximum characters of a value in a problem: enough to recognise it, and not all of a text that is there by mistake.
 */
const MAX_SHOWN_LENGTH = 40;

export type Env = Readonly<Record<string, string | undefined>>;

/** A variable that is set and that the service does not read, with a similar name that it reads. */
export interface UnknownVariable {
  name: string;
  similar: string;
}

/**
 * Reads settings from environment variables and collects every problem with them. An empty variable counts as absent.
 */
export class EnvReader {
  readonly #env: Env;
  readonly #known = new Set<string>();
  readonly problems: string[] = [];

  constructor(env: Env) {
    this.#env = env;
  }

  problem(text: string): void {
    this.problems.push(text);
  }

  /** Reports the value of a setting that is no secret. A URL may hold a password. */
  unexpected(name: string, value: string, expected: string): void {
    this.problem(`${name} is ${quote(value)}, expected ${expected}`);
  }

  /** Returns the value as it is; `trim` removes spaces of Unicode too. */
  raw(name: string): string {
    this.#known.add(name);
    return this.#env[name] ?? '';
  }

  optional(name: string): string | undefined {
    return this.raw(name).trim() || undefined;
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
      this.unexpected(name, value, `an integer from ${range.min} to ${range.max}`);
    }
    return number;
  }

  flag(name: string, fallback: boolean): boolean {
    return this.oneOf(name, ['true', 'false'], fallback ? 'true' : 'false') === 'true';
  }

  oneOf<Value extends string>(name: string, values: readonly Value[], fallback: Value): Value {
    const value = this.text(name, fallback);
    const known = values.find((candidate) => candidate === value);
    if (known === undefined) this.unexpected(name, value, `one of ${values.join(', ')}`);
    return known ?? fallback;
  }

  /** Returns the variables that look like misspelled ones, after all settings have been read. */
  unknown(): UnknownVariable[] {
    const known = new Map([...this.#known].map((name) => [simplify(name), name]));
    return Object.keys(this.#env).flatMap((name) => {
      const similar = this.#known.has(name) ? undefined : known.get(simplify(name));
      return similar === undefined ? [] : [{ name, similar }];
    });
  }
}

/** Returns a value as it is shown in a problem: in one line, and cut after 40 characters. */
export function quote(value: string): string {
  return JSON.stringify(value.length > MAX_SHOWN_LENGTH ? `${value.slice(0, MAX_SHOWN_LENGTH)}...` : value);
}

/**
 * Removes the parts of a name that are often misspelled: plurals and underscores, as in `GATEWAY_SECRETS` and
 * `MAX_BADGE_PER_USER`.
 */
function simplify(name: string): string {
  return name.toUpperCase().replaceAll(/[_S]/g, '');
}
