import { readFile } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { RELEASED } from '../../scripts/contract.ts';
import { breakingChanges, withoutRefs } from '../../scripts/openapi-changes.ts';
import type { Json } from '../support/json.ts';
import { runProgram } from './compose.ts';
import { copyProject, type ProjectCopy } from './project-copy.ts';

const PARTS = ['package.json', 'CHANGELOG.md', 'schema', 'scripts', 'src'];

describe('the release gate of the APIs', { timeout: 240_000 }, () => {
  let copy: ProjectCopy;

  beforeEach(async () => {
    copy = await copyProject(PARTS);
  });

  afterEach(() => copy.remove());

  const edit: ProjectCopy['edit'] = (...change) => copy.edit(...change);
  const check = (...args: string[]) =>
    runProgram({ command: ['node', 'scripts/check-contract.ts', ...args], cwd: copy.path, env: {} });
  const release = async () => {
    expect(await check('--release')).toEqual({ code: 0, output: '' });
    await edit('CHANGELOG.md', '## [Unreleased]\n', '## [Unreleased]\n\n## [9.0.0] - 2026-12-01\n');
  };
  const rename = () => edit('schema/badges.graphql', '  iconUrl: String!', '  iconLink: String!');

  it('rejects a breaking change of the SDL', async () => {
    await rename();
    const { code, output } = await check();
    expect({ code, output }).toEqual({ code: 1, output: expect.stringContaining('`Badge.iconUrl`') });
  });

  it('accepts a breaking change that the changelog names, and no other', async () => {
    const entry = '- Breaking: the icon of a badge is a link, and\n  `Badge.iconUrl` is removed.';
    await rename();
    await edit('CHANGELOG.md', '## [Unreleased]\n', `## [Unreleased]\n\n${entry}\n`);
    expect(await check()).toEqual({ code: 0, output: '' });
    await edit('schema/goals.graphql', '  title: String!', '  heading: String!');
    const { code, output } = await check();
    expect({ code, output }).toEqual({ code: 1, output: expect.stringContaining('`LearningGoal.title`') });
    expect(output).not.toContain('`Badge.iconUrl`');
  });

  it('accepts an addition', async () => {
    await edit('schema/badges.graphql', '  iconUrl: String!', '  rarity: Int\n  iconUrl: String!');
    await edit(
      'src/features/badges/badge.schema.ts',
      '    icon_url: Type.String(ICON_URL),',
      '    icon_url: Type.String(ICON_URL),\n    rarity: Type.Integer(),',
    );
    expect(await check()).toEqual({ code: 0, output: '' });
  });

  it('rejects a member that a REST response loses', async () => {
    await edit('src/features/badges/badge.schema.ts', '    icon_url: Type.String(ICON_URL),\n', '');
    const { code, output } = await check();
    expect({ code, output }).toEqual({
      code: 1,
      output: expect.stringContaining('`GET /users/{auth_user_id}/badges 200[].icon_url`: is removed'),
    });
  });

  it('requires that a release without later changes has its own documents', async () => {
    await release();
    expect(await check()).toEqual({ code: 0, output: '' });
    await edit('schema/badges.graphql', '  iconUrl: String!', '  rarity: Int\n  iconUrl: String!');
    expect(await check()).toMatchObject({ code: 1, output: expect.stringContaining('npm run release:contract') });
  });
});

describe('a change of the OpenAPI document', async () => {
  const released = withoutRefs(JSON.parse(await readFile(RELEASED.openapi, 'utf8')));
  const BADGES = '/users/{auth_user_id}/badges';
  const POST = `POST ${BADGES}`;

  /** Returns the coordinates of the breaking changes that a change of POST /users/{auth_user_id}/badges makes. */
  const coordinates = (change: (operation: Json) => void) => {
    const changed = structuredClone(released);
    change(changed.paths[BADGES]?.post);
    return breakingChanges(released, changed).map(({ coordinate }) => coordinate);
  };
  const bodyOf = (part: Json) => part.content['application/json'].schema;

  it.each<[string, (operation: Json) => void, string]>([
    [
      'a new required parameter',
      (post) => post.parameters.push({ in: 'query', name: 'q', required: true, schema: {} }),
      `${POST} query.q`,
    ],
    ['a removed parameter', (post) => post.parameters.pop(), `${POST} header.idempotency-key`],
    [
      'a new required member of a body',
      (post) => bodyOf(post.requestBody).required.push('colour'),
      `${POST} body.colour`,
    ],
    [
      'a shorter text in a body',
      (post) => (bodyOf(post.requestBody).properties.name.maxLength = 10),
      `${POST} body.name`,
    ],
    [
      'a member of a body that is no longer known',
      (post) => delete bodyOf(post.requestBody).properties.icon_url,
      `${POST} body.icon_url`,
    ],
    [
      'a body of another type',
      (post) => (bodyOf(post.requestBody).properties.name.type = 'integer'),
      `${POST} body.name`,
    ],
    ['an optional member of a response', (post) => bodyOf(post.responses[200]).required.shift(), `${POST} 200.id`],
    [
      'a member of a response that may be null',
      (post) => (bodyOf(post.responses[200]).properties.name.type = ['string', 'null']),
      `${POST} 200.name`,
    ],
    ['a removed response', (post) => delete post.responses[200], `${POST} 200`],
  ])('is breaking: %s', (_, change, coordinate) => expect(coordinates(change)).toEqual([coordinate]));

  it.each<[string, (operation: Json) => void]>([
    [
      'a new optional parameter',
      (post) => post.parameters.push({ in: 'query', name: 'q', schema: { type: 'string' } }),
    ],
    ['a longer text in a body', (post) => (bodyOf(post.requestBody).properties.name.maxLength = 1000)],
    ['a member of a body that is no longer required', (post) => bodyOf(post.requestBody).required.shift()],
    ['a new member of a response', (post) => (bodyOf(post.responses[200]).properties.rarity = { type: 'integer' })],
    ['a new error status', (post) => (post.responses[429] = { content: {} })],
  ])('is not breaking: %s', (_, change) => expect(coordinates(change)).toEqual([]));
});
