import type { AttackRequest, Builder, Expected, Plan } from './attack.ts';

const UPDATE =
  'mutation ($rule: JSON) { updateBadgeDefinition(input: { key: "first-steps", rule: $rule }) { definition { rule } } }';
const streak = '{"streak":{"gte":1}}';
const levels = (count: number, open: string, close: string) => `${open.repeat(count)}${streak}${close.repeat(count)}`;

/** Sends each rule, given as JSON, in a variable. */
const rules = (...given: string[]): Plan => ({
  requests: given.map(
    (rule): AttackRequest => ({
      text: `{"query": ${JSON.stringify(UPDATE)}, "variables": {"rule": ${rule}}}`,
      as: 'manager',
    }),
  ),
});
const list = (count: number, item: string) => `[${Array(count).fill(item).join(',')}]`;

/** Builders of rules of badge definitions that are too long for a line of attacks.jsonl. */
export const ruleAttacks: Record<string, Builder> = {
  deepRules: () =>
    rules(
      levels(20, '{"all":[', ']}'),
      levels(10_000, '{"all":[', ']}'),
      levels(20_000, '[', ']'),
      levels(20_000, '{"a":', '}'),
    ),
  deepRuleLiterals: () => {
    const update = (count: number, expect: Expected): AttackRequest => ({
      graphql: UPDATE.replace('($rule: JSON) ', '').replace('$rule', levels(count, '{all:[', ']}').replaceAll('"', '')),
      as: 'manager',
      expect,
    });
    return {
      requests: [
        update(400, { status: 200, code: 'BAD_USER_INPUT' }),
        update(5000, { status: 400, code: 'GRAPHQL_PARSE_FAILED' }),
      ],
    };
  },
  wideRules: () => {
    const wide = (depth: number): string => (depth === 0 ? streak : `{"any":${list(4, wide(depth - 1))}}`);
    return rules(`{"any":${list(21, streak)}}`, wide(3), `{"all":[{"any":${list(20, streak)}},${streak}]}`);
  },
  hugeRules: () => {
    const members = Array.from({ length: 20_000 }, (_, index) => `"member${index}":1`).join(',');
    return rules(
      `{"any":${list(16_000, streak)}}`,
      list(49_000, '0'),
      `{"count":{${members}}}`,
      JSON.stringify('x'.repeat(900_000)),
      `{"${'x'.repeat(900_000)}":1}`,
      `{"count":{"verb":${JSON.stringify('v'.repeat(900_000))},"gte":1}}`,
    );
  },
};
