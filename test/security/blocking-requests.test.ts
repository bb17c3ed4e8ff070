import { describe, expect, it } from '../support/fixtures.ts';
import { expectCpuTime, showsUsage } from '../support/process-usage.ts';

/** Maximum CPU time of a request in the service process, in milliseconds: the slowest takes a quarter of it alone. */
const MAX_CPU_MS = 1200;

const range = (length: number) => Array.from({ length }, (_, index) => index);
const members = (count: number) => Object.fromEntries(range(count).map((index) => [`k${index}`, 0]));
const entity = (type: string) =>
  `query ($x: ${type}) { _entities(representations: [{ __typename: "User", id: $x }]) { __typename } }`;
const entities = (selection: string) => `query ($r: [_Any!]!) { _entities(representations: $r) { ${selection} } }`;
const users = (count: number) => range(count).map((index) => ({ __typename: 'User', id: `user-${index}` }));
const names = (count: number, field: string) =>
  range(count)
    .map((index) => `a${index}: ${field}`)
    .join(' ');
const createBadge = 'createBadge(input: $i) { __typename }';
const failing = 'activities(first: 0) { nodes { id } }';

/** Small requests whose cost once was the square of their size. */
const REQUESTS: readonly [name: string, query: string, variables: Record<string, unknown>][] = [
  ['an input object with 6,000 unknown members', entity('RecordActivityInput'), { x: members(6000) }],
  ['a list with 45,000 null items', entities('__typename'), { r: Array(45_000).fill(null) }],
  ['an enum value of many suggestions', entity('BadgeStatus'), { x: `${' Did you mean '.repeat(14_000)}\nx` }],
  [
    '99,000 lines before 1,000 invalid representations',
    '\n'.repeat(99_000) + entities('__typename'),
    { r: Array(1000).fill({}) },
  ],
  [
    '10,000 lines before 9,500 fields with errors',
    '\n'.repeat(10_000) + entities(`... on User { ${names(19, failing)} }`),
    { r: users(500) },
  ],
  [
    '290 mutations with an input of 49,000 members',
    `mutation ($i: CreateBadgeInput!) { ${names(290, createBadge)} }`,
    { i: members(49_000) },
  ],
  ['290 times the SDL', `{ ${names(290, '_service { sdl }')} }`, {}],
];

describe.runIf(showsUsage)('one request does not block the others:', () => {
  it.for(REQUESTS)('%s', async ([, query, variables], { serviceProcess }) => {
    await expectCpuTime(serviceProcess.pid, MAX_CPU_MS, async () => {
      const { status } = await serviceProcess.graphql(query, variables);
      expect([200, 400]).toContain(status);
    });
  });
});
