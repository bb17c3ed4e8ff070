import { describe, it } from '../../support/fixtures.ts';
import { expectStoredStreaks } from './stored-histories.ts';

/** `npm run test:faults` has more. */
const RUNS = 50;

describe('stored streaks', () => {
  it('equal a plain recomputation from the rows after any history', { timeout: 240_000 }, ({ serve, db, auth }) =>
    expectStoredStreaks({ serve, db, auth }, RUNS),
  );
});
