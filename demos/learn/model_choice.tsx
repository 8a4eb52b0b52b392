import './model_choice.css';
import { counted } from '../shared/format';
import type { Learner } from './learner';
import type { Which } from './protocol';

/**
 * The models there are: the one that was ready, that of the training before, those of a training from the untrained one
 * on, and the one in training. Nothing where there is only the one that was ready.
 */
export function ModelChoice({
  learner,
  legend,
  ready,
  before = null,
  which,
  onChoose,
}: {
  learner: Pick<Learner<unknown, unknown, unknown>, 'snapshots' | 'phase' | 'opened'>;
  legend: string;
  /** What the model of a file is called; null where there is none. */
  ready: string | null;
  /** What the model of the training before is called; null where there is none. */
  before?: string | null;
  which: Which;
  onChoose: (which: Which) => void;
}) {
  const steps = learner.snapshots.value;
  if (steps.length === 0 && before === null) return null;
  const done = learner.phase.value === 'done';
  const choices: readonly (readonly [Which, string])[] = [
    ...(ready === null ? [] : [['given', ready] as const]),
    ...(before === null ? [] : [['before', before] as const]),
    // The last of a training that is done is the model as it is.
    ...steps
      .slice(0, done ? -1 : undefined)
      .map((step) => [step, nameOf(step, learner.opened.value?.steps)] as const),
    ...(steps.length === 0 ? [] : [['now', done ? 'trained here' : 'as it is now'] as const]),
  ];
  return (
    <fieldset class="model-choice">
      <legend>{legend}</legend>
      {choices.map(([choice, name]) => (
        <label key={choice}>
          <input
            type="radio"
            name="which"
            checked={which === choice}
            onChange={() => onChoose(choice)}
          />
          {name}
        </label>
      ))}
    </fieldset>
  );
}

/** @param steps of the whole training. */
function nameOf(step: number, steps: number | undefined): string {
  if (step === 0) return 'untrained';
  const after = `after ${counted(step, 'step')}`;
  const parts = steps === undefined ? 0 : Math.round(steps / step);
  return parts < 2 ? after : `${after} (${parts === 2 ? 'half' : `1/${parts}`})`;
}
