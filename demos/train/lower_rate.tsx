import { significant } from '../shared/format';
import { tryLowerRate } from './actions';
import { mayEnd } from './attempt';
import { currentRun } from './kept_runs';
import { phase } from './store';

/** Share of the learning rate that is worth a try after a run has diverged. */
const LOWER_RATE = 0.1;

/** Begins anew with a rate at which a run that has diverged may learn. */
export function LowerRate() {
  const run = currentRun.value;
  if (!run) return null;
  const rate = significant(LOWER_RATE * run.settings.lr);
  return (
    <button
      type="button"
      disabled={phase.value === 'opening'}
      onClick={() => mayEnd() && void tryLowerRate(rate)}
    >
      Start again with a rate of {rate}
    </button>
  );
}
