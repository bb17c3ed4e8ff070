import { type AuditResult, serverAudits } from 'graphql-http';
import { describe, expect, it } from '../support/fixtures.ts';

const CSRF_PREVENTION =
  'a GET without a header that forces a CORS preflight is rejected: it can come from another site';
const STATUS_400 =
  'an invalid operation gets 400, also with Accept: application/json, so the status alone shows the failure';

/** The audits that this service fails, by id, with the reason. */
const DEVIATIONS = {
  '5A70': { level: 'MAY', reason: CSRF_PREVENTION },
  D6D5: { level: 'MAY', reason: CSRF_PREVENTION },
  '6A70': { level: 'MAY', reason: CSRF_PREVENTION },
  '572B': { level: 'SHOULD', reason: STATUS_400 },
  FDE2: { level: 'SHOULD', reason: STATUS_400 },
  '7B9B': { level: 'SHOULD', reason: STATUS_400 },
};

async function audit(url: string): Promise<AuditResult[]> {
  const results: AuditResult[] = [];
  for (const { fn } of serverAudits({ url })) results.push(await fn());
  return results;
}

const levelOf = ({ name }: AuditResult) => name.split(' ')[0];

describe('the GraphQL-over-HTTP audit', () => {
  it('passes every MUST', async ({ service }) => {
    const results = await audit(`${service.url}/graphql`);
    const musts = results.filter((result) => levelOf(result) === 'MUST');
    expect(musts.length).toBeGreaterThan(10);
    expect(musts.filter(({ status }) => status !== 'ok')).toEqual([]);
    expect(results.filter(({ status }) => status === 'error')).toEqual([]);
  });

  it('passes every SHOULD and MAY except the deliberate deviations', async ({ service }) => {
    const failed = (await audit(`${service.url}/graphql`)).filter(({ status }) => status !== 'ok');
    const levels = Object.fromEntries(failed.map((result) => [result.id, levelOf(result)]));
    expect(levels).toEqual(Object.fromEntries(Object.entries(DEVIATIONS).map(([id, { level }]) => [id, level])));
  });
});
