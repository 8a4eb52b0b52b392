import { computed } from '@preact/signals';

import { LearnCurves } from '../learn/curves';
import type { Before } from '../learn/learner';
import { ModelChoice } from '../learn/model_choice';
import { counted, grouped } from '../shared/format';
import { Notice } from '../shared/notice';
import type { LessonSettings } from './lessons/settings';
import { OwnData } from './own_data';
import { fewTold, isFew, ofFew } from './few';
import { learner, lesson, look, switches, topic, train, turn, which } from './state';
import { CHOICES, chosenNames, SWITCH_TITLES } from './switches';
import type { SwitchName } from './switches';
import { Taking } from './taking';
import type { Topic } from './topic';

/** A model of the task in training, and who answers: the model that is ready, or one of this training. */
export function TrainingPanel() {
  const shown = topic.value;
  if (!shown) return null;
  const opened = learner.opened.value;
  const before = learner.before.value;
  return (
    <section class="panel training" aria-labelledby="training-title">
      <h2 id="training-title">Watch it learn</h2>
      <Switchboard names={shown.switches} />
      {!lesson && <OwnData />}
      <Commands />
      <Standing />
      <LearnCurves
        learner={learner}
        before={before && { run: before, name: beforeName(shown, before) }}
        metric={metricName(shown)}
        format={shown.format}
      />
      {opened && (
        <p class="note">
          {counted(opened.parameters, 'number')} to learn, on {opened.data ?? 'data made here'};{' '}
          {opened.device.description}.
        </p>
      )}
      <ModelChoice
        learner={learner}
        legend="Who answers"
        ready="the model that came along"
        before={
          before && `yours, ${beforeName(shown, before)}, after ${counted(before.step, 'step')}`
        }
        which={which.value}
        onChoose={look}
      />
      {!lesson && <Taking />}
    </section>
  );
}

/** What is in training, or is looked at after it. */
const trained = computed(() =>
  learner.opened.value ? learner.settings.value : learner.before.value?.settings,
);

/** A training by what may be other in the next. */
function beforeName({ switches: names }: Topic, { settings }: Before<LessonSettings>): string {
  const { switches, own } = settings!;
  const by = [...chosenNames(names, switches), ...(own ? [own.name] : [])];
  return by.length === 0 ? 'before' : `before (${by.join(', ')})`;
}

/** What the figure of the training is called. */
const metricName = ({ metric }: Topic): string => trained.value?.own?.found?.metric ?? metric;

function Switchboard({ names }: { names: readonly SwitchName[] }) {
  if (lesson) return null;
  return (
    <div class="switchboard">
      {names.map((name) => (
        <label key={name}>
          {SWITCH_TITLES[name]}
          <select
            value={switches.value[name]}
            disabled={learner.phase.value === 'opening'}
            onChange={({ currentTarget }) => turn(name, currentTarget.value as never)}
          >
            {Object.entries(CHOICES[name]).map(([choice, title]) => (
              <option key={choice} value={choice}>
                {title}
              </option>
            ))}
          </select>
        </label>
      ))}
    </div>
  );
}

function Commands() {
  const phase = learner.phase.value;
  const begin = phase === 'closed' ? 'Train one from nothing' : 'Train again from nothing';
  return (
    <div class="commands">
      <button
        type="button"
        class={phase === 'closed' || phase === 'done' ? 'primary' : undefined}
        disabled={phase === 'opening' || phase === 'pausing'}
        onClick={() => void train()}
      >
        {begin}
      </button>
      {phase === 'training' && (
        <button type="button" onClick={() => void learner.pause()}>
          Pause
        </button>
      )}
      {phase === 'resting' && (
        <button type="button" class="primary" onClick={() => void learner.resume()}>
          Go on
        </button>
      )}
    </div>
  );
}

/** Where the training stands, in a sentence. */
function Standing() {
  const failed = learner.problem.value;
  if (failed) return <Notice tone="alert">{failed.message}</Notice>;
  const { opened, phase, step, compiling, result } = learner;
  const shown = topic.value!;
  const { format, tested } = shown;
  const before = learner.before.value;
  const text = (): string => {
    switch (phase.value) {
      case 'closed':
        if (before) {
          const at = `as it was after ${grouped(before.step)} of ${counted(before.opened.steps, 'step')}`;
          return `The model of your last training here is kept, ${at}: choose it below.`;
        }
        return 'The model that came along answers. Train one yourself, and see its answer change.';
      case 'opening':
        return 'Making data and model …';
      case 'done': {
        const { monitor, baseline } = opened.value!;
        const { test } = result.value!;
        const figure =
          Object.keys(test).find((name) => name.startsWith(tested ?? monitor)) ?? monitor;
        const [reached, before] = [test[figure], baseline.metrics[figure]];
        const { tested: count } = trained.value?.own?.found ?? {};
        if (isFew(count)) {
          return (
            `Done. On the ${counted(count, 'text')} that it never saw: ${ofFew(reached, count)} right; ` +
            `${baseline.name} has ${ofFew(before, count)}. ${fewTold(count)}`
          );
        }
        return `Done. On data that it never saw: ${metricName(shown)} ${format(reached)}; ${baseline.name} has ${format(before)}.`;
      }
      default: {
        const shaders = compiling.value;
        if (shaders && shaders.done < shaders.total) {
          return `Compiling shaders, ${shaders.done} of ${shaders.total} …`;
        }
        return `Step ${grouped(step.value)} of ${grouped(opened.value!.steps)}.`;
      }
    }
  };
  return <p class="standing">{text()}</p>;
}
