import { describe, it } from '../../support/fixtures.ts';
import { expectStoredStreaks } from './stored-histories.ts';

/** `HISTORIES=1000` takes ten minutes on an idle machine. */
const RUNS = Number(process.env.HISTORIES ?? 50);

describe('stored streaks', () => {
  it('equal a plain recomputation from the rows after any history', { timeout: RUNS * 6000 }, ({ serve, db, auth }) =>
    expectStoredStreaks({ serve, db, auth }, RUNS),
  );
});
