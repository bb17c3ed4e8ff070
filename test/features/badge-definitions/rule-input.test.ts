import { executeWithGraphqlJs } from '../../graphql/executors.ts';
import { describe, expect } from '../../support/fixtures.ts';
import { it as base, count, problemsIn, streak } from './definitions.ts';

const FORMS = 'must be an object with exactly one of the members all, any, count, sum, streak, goalsCompleted, badge';
const TOO_DEEP = 'rule.all[0].all[0].all[0].all[0].all[0] is too deep: a rule has at most 5 levels';
const levels = (number: number, [open, close]: [string, string], inside = '') =>
  `${open.repeat(number)}${inside}${close.repeat(number)}`;
const members = Object.fromEntries(Array.from({ length: 49_000 }, (_, index) => [`member${index}`, 1]));

interface Sent {
  /** A GraphQL value. */
  rule: string;
  declared?: string;
  variables?: Record<string, unknown>;
}

/** Returns a rule that is sent as a variable. */
const variable = (rule: unknown): Sent => ({ rule: '$rule', declared: '($rule: JSON)', variables: { rule } });

/** `update` sends a rule of the definition `key`. */
const it = base
  .extend('key', async ({ define }) => (await define({ rule: streak(3) })).key as string)
  .extend('update', ({ service, managerToken, key }) => ({ rule, declared = '', variables }: Sent) => {
    const mutation = `updateBadgeDefinition(input: { key: "${key}", rule: ${rule} }) { definition { rule } }`;
    return service.graphql(`mutation ${declared} { ${mutation} }`, variables, { token: managerToken });
  });

describe('a rule in GraphQL', () => {
  const rule = { any: [{ count: { verb: 'practice', gte: 5, distinct: 'object' } }, streak(7)] };
  const literal = (gte: string, part: string) =>
    `{ any: [{ count: { distinct: "object", gte: ${gte}, verb: "practice" } }, ${part}] }`;

  it.for<[string, Sent]>([
    ['a variable', variable(rule)],
    ['a literal', { rule: literal('5', '{ streak: { gte: 7 } }') }],
    [
      'a literal with variables',
      {
        rule: literal('$gte', '$part'),
        declared: '($gte: Int!, $part: JSON)',
        variables: { gte: 5, part: streak(7) },
      },
    ],
  ])('is read alike as %s', async ([, sent], { update }) => {
    const { data, errors } = await update(sent);
    expect(errors).toBeUndefined();
    expect(data.updateBadgeDefinition.definition).toEqual({ rule });
  });

  it('is returned alike by both executors', async ({ service, managerToken, key }) => {
    const query = `{ badgeDefinition(key: "${key}") { rule } }`;
    const expected = { data: { badgeDefinition: { rule: streak(3) } } };
    for (let execution = 0; execution < 3; execution++) {
      expect((await service.graphql(query, {}, { token: managerToken })).body).toEqual(expected);
    }
    expect((await executeWithGraphqlJs(service, query, { token: managerToken })).body).toEqual(expected);
  });

  it.for<[string, Sent, string]>([
    ['a literal of 400 levels', { rule: levels(400, ['{ all: [', '] }'], '{ streak: { gte: 1 } }') }, TOO_DEEP],
    ['a literal of 1,400 lists', { rule: levels(1400, ['[', ']']) }, `rule ${FORMS}`],
    ['a variable of 2,000 levels', variable(JSON.parse(levels(2000, ['{"all":[', ']}']))), TOO_DEEP],
    ['a variable of 2,000 lists', variable(JSON.parse(levels(2000, ['[', ']']))), `rule ${FORMS}`],
    [
      'a variable of 16,000 conditions',
      variable({ any: Array(16_000).fill(streak(1)) }),
      'rule must have at most 20 conditions',
    ],
    ['a variable of 49,000 members', variable(members), `rule ${FORMS}`],
    [
      'a variable whose condition has 49,000 members',
      variable({ streak: members }),
      'rule.streak has an unknown member; its members are gte',
    ],
    [
      'a variable whose verb has 900 KB',
      variable(count('v'.repeat(900_000))),
      'rule.count.verb must match ^[a-z][a-z0-9_.-]{0,63}$',
    ],
    [
      'a variable of 900 KB that a literal repeats',
      {
        rule: `{ all: [${'$part, '.repeat(1000)}] }`,
        declared: '($part: JSON)',
        variables: { part: 'x'.repeat(900_000) },
      },
      `rule.all[0] ${FORMS}`,
    ],
    ['the member __proto__', { rule: '{ __proto__: { streak: { gte: 1 } } }' }, `rule ${FORMS}`],
    [
      'a condition with the member __proto__',
      { rule: '{ streak: { __proto__: { gte: 1 } } }' },
      'rule.streak has an unknown member; its members are gte',
    ],
    [
      'an absent variable',
      { rule: '{ streak: { gte: $gte } }', declared: '($gte: Int)' },
      'rule.streak.gte must be an integer from 1 to 100000000',
    ],
  ])('is a short BAD_USER_INPUT for %s, and changes nothing', async ([, sent, message], { update, db }) => {
    const before = await db.snapshot();
    const response = await update(sent);
    expect(response.status).toBe(200);
    expect(problemsIn(response)).toEqual([{ code: 'BAD_USER_INPUT', field: 'rule' }]);
    expect(response.errors?.[0].message).toBe(message);
    expect(response.text.length).toBeLessThan(1000);
    expect(await db.snapshot()).toEqual(before);
  });
});
