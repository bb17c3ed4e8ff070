import { expectStoredStreaks } from '../../features/streaks/stored-histories.ts';
import { describe, it } from '../../support/fixtures.ts';

/** `HISTORIES=1000` takes ten minutes on an idle machine. */
const RUNS = Number(process.env.HISTORIES ?? 150);
/** Four times the time of a run on a slow machine. */
const TIMEOUT_MS = RUNS * 6000;

describe('stored streaks', () => {
  it(
    'equal a plain recomputation from the rows after histories with lost connections',
    { timeout: TIMEOUT_MS },
    ({ serve, db, auth }) => expectStoredStreaks({ serve, db, auth }, RUNS),
  );
});
