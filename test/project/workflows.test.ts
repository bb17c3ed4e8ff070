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
  strategy?: { matrix: { include: Record<string, string>[] } };
  outputs?: Record<string, string>;
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
const stepsWith = (workflow: Workflow, action: string) =>
  stepsOf(workflow).filter(({ uses }) => uses?.startsWith(`${action}@`));
const withOf = (workflow: Workflow, action: string) => stepsWith(workflow, action)[0]?.with;

describe.each(workflows)('$path', ({ text, workflow }) => {
  it('pins each action to a commit, with its version in a comment', () => {
    const used = [...text.matchAll(/uses: (?!\.\/)(.*)/g)].map(([, action]) => action);
    expect(used.filter((action) => !/^[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/.test(action ?? ''))).toEqual([]);
  });

  it('has read access only, and does not store its token on disk', () => {
    expect(workflow.permissions).toEqual({ contents: 'read' });
    const checkouts = stepsWith(workflow, 'actions/checkout');
    expect(checkouts.length).toBeGreaterThan(0);
    for (const step of checkouts) expect(step.with).toEqual({ 'persist-credentials': false });
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

  it('builds the image by the actions of a release, and does not push it', () => {
    const usesOf = (workflow: Workflow, action: string) => stepsWith(workflow, action).map(({ uses }) => uses);
    expect(withOf(ci, 'docker/build-push-action')).toEqual({ context: '.', push: false });
    expect(usesOf(ci, 'docker/build-push-action')).toEqual(usesOf(release, 'docker/build-push-action'));
  });
});

describe('a release', () => {
  it('checks its tag, then runs CI, then pushes the images, then tags them', () => {
    const { version, ci: tests, image, tags } = release.jobs;
    expect(version?.steps?.at(-1)?.run).toBe('node scripts/check-release.ts "$GITHUB_REF_NAME"');
    expect(tests).toEqual({ needs: 'version', uses: `./${FOLDER}/ci.yml` });
    expect(image?.needs).toBe('ci');
    expect(tags?.needs).toBe('image');
  });

  it('has write access to packages in the jobs that push only', () => {
    const granted = Object.entries(release.jobs).map(([name, { permissions }]) => [name, permissions]);
    expect(Object.fromEntries(granted)).toEqual({
      version: undefined,
      ci: undefined,
      image: { contents: 'read', packages: 'write' },
      tags: { contents: 'read', packages: 'write' },
    });
  });

  it('pushes an image of amd64 and one of arm64, built on their own machines, and tags both', () => {
    const { image, tags } = release.jobs;
    expect(image?.strategy?.matrix.include).toEqual([
      { architecture: 'amd64', runner: 'ubuntu-24.04' },
      { architecture: 'arm64', runner: 'ubuntu-24.04-arm' },
    ]);
    expect(Object.keys(image?.outputs ?? {})).toEqual(['amd64', 'arm64']);
    expect(tags?.steps?.at(-1)?.run).toMatch(/imagetools create .*@\$AMD64" .*@\$ARM64"$/m);
  });

  it('pushes images with provenance and SBOM', () => {
    expect(withOf(release, 'docker/build-push-action')).toMatchObject({
      platforms: expect.stringContaining('matrix.architecture'),
      outputs: expect.stringContaining('push-by-digest=true'),
      provenance: 'mode=max',
      sbom: true,
    });
  });
});
