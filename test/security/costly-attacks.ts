import type { AttackRequest, Builder } from './attack.ts';
import { AMPLIFIED, COMPILED, CONVOLUTED, type CostlyClass, MUTATIONS, times } from './costly-operations.ts';

/** Each of 60 different queries four times: queries are compiled when they are executed for the third time. */
const COMPILED_REQUESTS = 240;

const LEARNERS = `{ ${times(100, (i) => `a${i}: learner(id: "user-${i}") { id }`)} }`;

/** Returns a builder for each class: `group-class`. */
function builders(
  group: string,
  classes: Record<string, CostlyClass>,
  request: Omit<AttackRequest, 'body'>,
): Record<string, Builder> {
  const entries = Object.entries(classes).map(([name, { make }]): [string, Builder] => {
    const { times: count = 1, ...options } = request;
    return [
      `${group}-${name}`,
      () => ({ requests: Array.from({ length: count }, (_, index) => ({ ...options, body: make(index) })) }),
    ];
  });
  return Object.fromEntries(entries);
}

/** Builders of attacks by operations that cost more than they weigh. */
export const costlyAttacks: Record<string, Builder> = {
  ...builders('compiled', COMPILED, { times: COMPILED_REQUESTS }),
  ...builders('amplified', AMPLIFIED, {}),
  ...builders('convoluted', CONVOLUTED, {}),
  ...builders('mutation', MUTATIONS, { as: 'ada' }),

  fewStatements: ({ service }) => {
    service.statements.clear();
    return {
      requests: [{ body: CONVOLUTED.counts?.make(0) }],
      // The operation fails long before its limit of 40 queries; the check that the next requests succeed has some,
      // too.
      afterwards: () => atMost(22, service.statements.length, 'statements'),
    };
  },

  introspection: () => ({
    requests: [
      { graphql: `{ __schema { ${times(60, (i) => `a${i}: types { ...F }`)} } } ${INTROSPECTION}` },
      {
        graphql: `{ ${times(120, (i) => `a${i}: __type(name: "User") { ...F }`)} } ${INTROSPECTION}`,
        expect: { status: 200, code: [], maxBytes: 20_000_000 },
      },
    ],
  }),

  authServiceDown: ({ auth, service }) => {
    auth.fail('graphql', 503);
    const warnings = () => service.logs.filter(({ msg }) => msg !== 'request');
    return { requests: [{ graphql: LEARNERS }], afterwards: () => atMost(3, warnings().length, 'warnings') };
  },
  partialMutation: async (target) => {
    const { id } = target.auth.add({ id: 'nearly-full' });
    const token = await target.auth.token(id);
    return {
      requests: [
        {
          token,
          graphql: `mutation { ${times(3, (i) => `m${i}: createGoal(input: { title: "goal ${i}" }) { goal { title } }`)} }`,
          expect: { code: 'LIMIT_REACHED', body: { data: { m0: { goal: { title: 'goal 0' } }, m2: null } } },
        },
      ],
    };
  },

  unknownMembers: ({ ada }) => {
    const members = Object.fromEntries(Array.from({ length: 49_000 }, (_, i) => [`a${i}`, 0]));
    const body = { name: '', description: '', icon_url: '', ...members };
    return { requests: [{ path: `/users/${ada.id}/badges`, as: 'ada', body, times: 5 }] };
  },

  badRepresentation: async (target) => {
    const { service } = target;
    const valid = Array.from({ length: 200 }, (_, i) => ({ __typename: 'User', id: `user-${i}` }));
    const invalid = [{ __typename: 'User', id: '..' }, { __typename: 'LearningGoal', id: '987654321' }, {}];
    const query =
      'query ($users: [_Any!]!) { _entities(representations: $users) { ... on User { badges { id } goals { id } } } }';
    const interpreted = async () => /executor="graphql-js"\} (\d+)/.exec((await service.rest('/metrics')).text)?.[1];
    await Promise.all([1, 2, 3].map(() => service.graphql(query, { users: valid })));
    const before = await interpreted();
    return {
      requests: [{ graphql: query, variables: { users: [...valid, ...invalid] } }],
      afterwards: async () => {
        if ((await interpreted()) !== before) throw new Error('The batch was executed a second time, by graphql-js');
      },
    };
  },
};

const INTROSPECTION = `fragment F on __Type { name description
  fields { ${times(8, (i) => `f${i}: name args { name type { name ofType { name ofType { name } } } }`)} } }`;

function atMost(maximum: number, count: number, unit: string): void {
  if (count > maximum) throw new Error(`${count} ${unit}; the maximum is ${maximum}`);
}
