import { existsSync } from 'node:fs';
import { describe, expect } from '../support/fixtures.ts';
import {
  type Attack,
  type AttackRequest,
  expectAnswers,
  expectEqualResponses,
  type Plan,
  readAttacks,
} from './attack.ts';
import { sendWithRetries, withFlood } from './flood.ts';
import { expectInvariants } from './invariants.ts';
import { payloads } from './payloads.ts';
import { type Answer, type RequestOptions, send } from './send.ts';
import { it, startProductionService, type Target } from './target.ts';

const attacks = readAttacks(new URL('attacks.jsonl', import.meta.url));
const CATALOGUE = new URL('../../../shared/reliability/attacks.jsonl', import.meta.url);

describe('the service withstands', () => {
  it.for(attacks)('$id: $name', { timeout: 90_000 }, async (attack, { target }) => {
    const own = attack.env && (await startProductionService(target, attack.env));
    const at = own === undefined ? target : { ...target, service: own };
    const { build, send: requests = [] } = attack;
    const plan = build === undefined ? { requests } : await payloads[build]?.(at);
    if (plan === undefined) throw new Error(`payloads.ts has no builder ${build}`);
    try {
      await runAttack(attack, plan, plan.target ?? at);
      await plan.afterwards?.();
    } finally {
      await plan.cleanUp?.();
      await own?.close();
    }
  });
});

async function runAttack(attack: Attack, { requests, rows, upstream }: Plan, target: Target): Promise<void> {
  expect(requests.length).toBeGreaterThan(0);
  const groups = new Map<string, Answer[]>();
  const allowed = { ...attack, ...(rows && { rows }), ...(upstream !== undefined && { upstream }) };
  const { flood } = attack;
  const sendAll = async () => {
    const all: Answer[] = [];
    for (const request of requests.flatMap((one) => Array<AttackRequest>(one.times ?? 1).fill(one))) {
      const options = withToken(request, target);
      const answers = await (flood === undefined ? send : sendWithRetries)(target.service, options);
      expectAnswers(answers, { ...attack.expect, ...request.expect });
      if (request.alike !== undefined) groups.set(request.alike, [...(groups.get(request.alike) ?? []), ...answers]);
      all.push(...answers);
    }
    return all;
  };
  await expectInvariants(target, allowed, flood === undefined ? sendAll : () => withFlood(target, flood, sendAll));
  expectEqualResponses(groups);
  if (flood !== undefined) await untilQuiet(target);
}

/** Waits for the log lines of the flood's requests, which end after their connections. */
async function untilQuiet({ service: { logs } }: Target): Promise<void> {
  let lines = -1;
  const isQuiet = () => {
    const before = lines;
    lines = logs.length;
    return lines === before;
  };
  await expect.poll(isQuiet, { interval: 200 }).toBe(true);
}

function withToken({ as, token, ...request }: AttackRequest, target: Target): RequestOptions {
  const bearer = token ?? (as && target[as].token);
  return { ...request, ...(bearer !== undefined && { token: bearer }) };
}

describe('attacks.jsonl', () => {
  it('has unique ids', () => {
    const ids = attacks.map(({ id }) => id);
    expect(ids).toEqual([...new Set(ids)]);
  });

  it('has every attack of the shared catalogue, where that is available', ({ skip }) => {
    if (!existsSync(CATALOGUE)) skip('the catalogue is not part of this repository');
    const known = new Set(attacks.map(({ id }) => id));
    expect(readAttacks(CATALOGUE).filter(({ id }) => !known.has(id))).toEqual([]);
  });
});
