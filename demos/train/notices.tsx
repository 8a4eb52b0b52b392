import { grouped } from '../shared/format';
import { Notice } from '../shared/notice';
import type { Problem } from '../shared/problem';
import { LowerRate } from './lower_rate';
import { startOnCpu } from './actions';
import { addressProblem } from './address';
import { device } from './form';
import { goBack } from './keeping';
import { kept, phase, probed, problem, recovery } from './store';

/** Why the CPU is slower than it could be, where it computes. */
export function SlowNotice() {
  const found = probed.value;
  if (found?.slow === undefined || device.value === 'webgpu') return null;
  return (
    <Notice tone="info">
      <strong>Training is far slower than it could be.</strong> The CPU computes in plain
      JavaScript: {found.slow}.
    </Notice>
  );
}

/** Why the CPU computes, where a GPU could. */
export function DeviceNotice() {
  const found = probed.value;
  if (found?.kind !== 'cpu' || device.value === 'cpu') return null;
  const auto = device.value === 'auto';
  return (
    <Notice tone="info">
      <strong>{auto ? 'Training runs on the CPU.' : 'The CPU would be the better choice:'}</strong>{' '}
      {auto && 'WebGPU is not used: '}
      {found.reason}.
    </Notice>
  );
}

const TITLES: Partial<Record<Problem['kind'], string>> = {
  lost: 'Training stopped.',
  diverged: 'The run has diverged.',
};

/** Why the last run ended, or did not begin. */
export function ProblemNotice() {
  const wrong = problem.value;
  if (!wrong) return null;
  const over = phase.value === 'idle';
  return (
    <Notice tone="alert">
      <strong>{TITLES[wrong.kind] ?? 'That did not work.'}</strong> {wrong.message}
      {over && kept.value !== null && 'step' in kept.value && (
        <button type="button" onClick={() => void goBack()}>
          Go back to step {grouped(kept.value.step)}
        </button>
      )}
      {over && wrong.kind === 'diverged' && <LowerRate />}
      {over && (wrong.kind === 'device' || wrong.kind === 'lost') && (
        <button type="button" onClick={() => void startOnCpu()}>
          Start on the CPU
        </button>
      )}
    </Notice>
  );
}

/** What a link asked for and is not there. */
export function AddressNotice() {
  if (addressProblem.value === null) return null;
  return (
    <Notice tone="alert">
      <strong>Not all of this link could be taken:</strong> {addressProblem}
      <button type="button" class="small" onClick={() => (addressProblem.value = null)}>
        Close
      </button>
    </Notice>
  );
}

/** That the device was lost on the way, and what became of the run. */
export function RecoveryNotice() {
  if (!recovery.value) return null;
  const { step, reason } = recovery.value;
  return (
    <Notice tone="info">
      <strong>The run goes on from step {grouped(step)}.</strong> {reason}
      <button type="button" class="small" onClick={() => (recovery.value = null)}>
        Close
      </button>
    </Notice>
  );
}
