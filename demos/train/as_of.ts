import { grouped } from '../shared/format';
import { beganWith } from './kept_runs';

/** Of which step the model is that was looked at, as a sentence. */
export function asOf(step: number): string {
  if (step === 0 && beganWith.value !== undefined) return 'As it was opened.';
  return `As of step ${grouped(step)}.`;
}
