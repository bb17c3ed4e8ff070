import { existsSync } from 'node:fs';
import { describe, expect } from '../support/fixtures.ts';
import { type Attack, type AttackShot, expectAlike, expectAnswers, type Plan, readAttacks } from './attack.ts';
import { payloads } from './payloads.ts';
import { type Answer, type Shot, send } from './send.ts';
import { it, type Stage, startInProduction } from './stage.ts';
import { underWatch } from './watch.ts';

const attacks = readAttacks(new URL('attacks.jsonl', import.meta.url));
const CATALOGUE = new URL('../../../shared/reliability/attacks.jsonl', import.meta.url);

describe('the service stands', () => {
  it.for(attacks)('$id: $what', { timeout: 30_000 }, async (attack, { stage }) => {
    const own = attack.env && (await startInProduction(stage, attack.env));
    const at = own === undefined ? stage : { ...stage, service: own };
    const { build, send: shots = [] } = attack;
    const plan = build === undefined ? { shots } : await payloads[build]?.(at);
    if (plan === undefined) throw new Error(`There is no builder called ${build}`);
    try {
      await make(attack, plan, plan.stage ?? at);
      await plan.afterwards?.();
    } finally {
      await plan.cleanUp?.();
      await own?.close();
    }
  });
});

async function make(attack: Attack, { shots, rows, upstream }: Plan, stage: Stage): Promise<void> {
  expect(shots.length).toBeGreaterThan(0);
  const groups = new Map<string, Answer[]>();
  const allowed = { ...attack, ...(rows && { rows }), ...(upstream !== undefined && { upstream }) };
  await underWatch(stage, allowed, async () => {
    const all: Answer[] = [];
    for (const shot of shots.flatMap((one) => Array<AttackShot>(one.times ?? 1).fill(one))) {
      const answers = await send(stage.service, signed(shot, stage));
      expectAnswers(answers, { ...attack.expect, ...shot.expect });
      if (shot.alike !== undefined) groups.set(shot.alike, [...(groups.get(shot.alike) ?? []), ...answers]);
      all.push(...answers);
    }
    return all;
  });
  expectAlike(groups);
}

function signed({ as, token, ...shot }: AttackShot, stage: Stage): Shot {
  const bearer = token ?? (as && stage[as].token);
  return { ...shot, ...(bearer !== undefined && { token: bearer }) };
}

describe('the attacks', () => {
  it('have each an id of its own', () => {
    const ids = attacks.map(({ id }) => id);
    expect(ids).toEqual([...new Set(ids)]);
  });

  it('are all that the catalogue knows, where it is at hand', ({ skip }) => {
    if (!existsSync(CATALOGUE)) skip('the catalogue is not part of this repository');
    const known = new Set(attacks.map(({ id }) => id));
    expect(readAttacks(CATALOGUE).filter(({ id }) => !known.has(id))).toEqual([]);
  });
});
