import { counted } from '../shared/format';
import { answering, changed, learner, switches, topic, which } from './state';
import { chosenNames } from './switches';
import type { Switches } from './switches';

/** Which model answers, and is drawn. */
export function DrawnNote() {
  const names = topic.value?.switches ?? [];
  const inWords = (chosen: Switches): string => chosenNames(names, chosen).join(', ');
  return (
    <p class="note drawn-note">
      Who answers: <strong>{who()}</strong>
      {names.length > 0 && ` (${inWords(answering.value)})`}.
      {changed.value && <strong> The next training makes {inWords(switches.value)}.</strong>}
    </p>
  );
}

function who(): string {
  const from = which.value;
  if (from === 'given') return 'the model that came along';
  if (from === 'before') return 'your model of the training before';
  if (from !== 'now')
    return from === 0 ? 'your model, untrained' : `your model after ${counted(from, 'step')}`;
  const done = learner.phase.value === 'done';
  return done ? 'your model, trained here' : 'your model, as it is now in training';
}
