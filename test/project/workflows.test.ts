import { glob, readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';

interface Step {
  uses?: string;
  run?: string;
  with?: Record<string, unknown>;
}

interface Job {
  uses?: string;
  needs?: string;
  permissions?: Record<string, string>;
  'timeout-minutes'?: number;
  steps?: Step[];
}

interface Workflow {
  permissions: Record<string, string>;
  jobs: Record<string, Job>;
}

const FOLDER = '.github/workflows';
const texts = new Map<string, string>();
for await (const path of glob(`${FOLDER}/*.yml`)) texts.set(path, await readFile(path, 'utf8'));
const workflows = [...texts].map(([path, text]) => ({ path, text, workflow: parse(text) as Workflow }));
const release = parse(texts.get(`${FOLDER}/release.yml`) ?? '') as Workflow;
const ci = parse(texts.get(`${FOLDER}/ci.yml`) ?? '') as Workflow;

const stepsOf = ({ jobs }: Workflow): Step[] => Object.values(jobs).flatMap(({ steps = [] }) => steps);
const withOf = (workflow: Workflow, action: string) =>
  stepsOf(workflow).find(({ uses }) => uses?.startsWith(`${action}@`))?.with;

describe.each(workflows)('$path', ({ text, workflow }) => {
  it('pins each action to a commit, with its version in a comment', () => {
    const used = [...text.matchAll(/uses: (?!\.\/)(.*)/g)].map(([, action]) => action);
    expect(used.filter((action) => !/^[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/.test(action ?? ''))).toEqual([]);
  });

  it('has read access only, and does not store its token on disk', () => {
    expect(workflow.permissions).toEqual({ contents: 'read' });
    expect(withOf(workflow, 'actions/checkout')).toEqual({ 'persist-credentials': false });
  });

  it('has a time limit for each job', () => {
    const unlimited = Object.entries(workflow.jobs).filter(([, job]) => !job.uses && !job['timeout-minutes']);
    expect(unlimited).toEqual([]);
  });
});

describe('CI', () => {
  it('runs .ci/run on the Node of .node-version', () => {
    expect(stepsOf(ci).flatMap(({ run }) => run ?? [])).toEqual(['.ci/run']);
    expect(withOf(ci, 'actions/setup-node')).toMatchObject({ 'node-version-file': '.node-version' });
  });
});

describe('a release', () => {
  it('checks its tag, then runs CI, then pushes the image', () => {
    const { version, ci: tests, image } = release.jobs;
    expect(version?.steps?.at(-1)?.run).toBe('node scripts/check-release.ts "$GITHUB_REF_NAME"');
    expect(tests).toEqual({ needs: 'version', uses: `./${FOLDER}/ci.yml` });
    expect(image?.needs).toBe('ci');
  });

  it('has write access to packages in the image job only', () => {
    const granted = Object.entries(release.jobs).map(([name, { permissions }]) => [name, permissions]);
    expect(Object.fromEntries(granted)).toEqual({
      version: undefined,
      ci: undefined,
      image: { contents: 'read', packages: 'write' },
    });
  });

  it('pushes an image with provenance and SBOM', () => {
    expect(withOf(release, 'docker/build-push-action')).toMatchObject({
      push: true,
      provenance: 'mode=max',
      sbom: true,
    });
  });
});
