import { expectStoredStreaks } from '../../features/streaks/stored-histories.ts';
import { describe, it } from '../../support/fixtures.ts';

const RUNS = 1000;

describe('stored streaks', () => {
  it(
    'equal a plain recomputation from the rows after each of 1,000 histories with lost connections',
    {
      timeout: 3_600_000,
    },
    ({ serve, db, auth }) => expectStoredStreaks({ serve, db, auth }, RUNS),
  );
});
