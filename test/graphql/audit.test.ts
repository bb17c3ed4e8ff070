import { type AuditResult, serverAudits } from 'graphql-http';
import { describe, expect, it } from '../support/fixtures.ts';

/** Our refusal of requests that a browser would send to another site without asking first. */
const PREFLIGHT = 'a GET without a header that makes browsers ask first is refused: it may come from another site';
/** A client that reads the status alone still learns that nothing was done. */
const REFUSED = 'what cannot be run is HTTP 400, also for those who accept application/json only';

/** Everything in the suite of GraphQL over HTTP that this service does otherwise, by its id, and why. */
const OTHERWISE = {
  '5A70': { level: 'MAY', why: PREFLIGHT },
  D6D5: { level: 'MAY', why: PREFLIGHT },
  '6A70': { level: 'MAY', why: PREFLIGHT },
  '572B': { level: 'SHOULD', why: REFUSED },
  FDE2: { level: 'SHOULD', why: REFUSED },
  '7B9B': { level: 'SHOULD', why: REFUSED },
};

async function audit(url: string): Promise<AuditResult[]> {
  const results: AuditResult[] = [];
  for (const { fn } of serverAudits({ url })) results.push(await fn());
  return results;
}

const levelOf = ({ name }: AuditResult) => name.split(' ')[0];

describe('the audit of GraphQL over HTTP', () => {
  it('passes in all that a server must do', async ({ service }) => {
    const results = await audit(`${service.url}/graphql`);
    const musts = results.filter((result) => levelOf(result) === 'MUST');
    expect(musts.length).toBeGreaterThan(10);
    expect(musts.filter(({ status }) => status !== 'ok')).toEqual([]);
    expect(results.filter(({ status }) => status === 'error')).toEqual([]);
  });

  it('passes in all else but what this service does otherwise on purpose', async ({ service }) => {
    const failed = (await audit(`${service.url}/graphql`)).filter(({ status }) => status !== 'ok');
    const levels = Object.fromEntries(failed.map((result) => [result.id, levelOf(result)]));
    expect(levels).toEqual(Object.fromEntries(Object.entries(OTHERWISE).map(([id, { level }]) => [id, level])));
  });
});
