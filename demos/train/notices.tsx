import { grouped } from '../shared/format';
import { Notice } from '../shared/notice';
import { startOnCpu } from './actions';
import { device } from './form';
import { goBack } from './keeping';
import { kept, phase, probed, problem, recovery } from './store';

/** Why the CPU computes, where a GPU could; and why it is slower than it could be. */
export function DeviceNotice() {
  const found = probed.value;
  if (found?.kind !== 'cpu') return null;
  if (device.value === 'cpu') {
    if (found.slow === undefined) return null;
    return (
      <Notice tone="info">
        <strong>Training is far slower than it could be.</strong> The CPU computes in plain
        JavaScript: {found.slow}.
      </Notice>
    );
  }
  const auto = device.value === 'auto';
  return (
    <Notice tone="info">
      <strong>{auto ? 'Training runs on the CPU.' : 'The CPU would be the better choice:'}</strong>{' '}
      {auto && 'WebGPU is not used: '}
      {found.reason}.
    </Notice>
  );
}

/** Why the last run ended, or did not begin. */
export function ProblemNotice() {
  const wrong = problem.value;
  if (!wrong) return null;
  const over = phase.value === 'idle';
  return (
    <Notice tone="alert">
      <strong>{wrong.kind === 'lost' ? 'Training stopped.' : 'That did not work.'}</strong>{' '}
      {wrong.message}
      {over && kept.value !== null && 'step' in kept.value && (
        <button type="button" onClick={() => void goBack()}>
          Go back to step {grouped(kept.value.step)}
        </button>
      )}
      {over && (wrong.kind === 'device' || wrong.kind === 'lost') && (
        <button type="button" onClick={() => void startOnCpu()}>
          Start on the CPU
        </button>
      )}
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
