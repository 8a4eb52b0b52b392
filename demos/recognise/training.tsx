import { LearnCurves } from '../learn/curves';
import { ModelChoice } from '../learn/model_choice';
import { counted, grouped } from '../shared/format';
import { Notice } from '../shared/notice';
import { LESSONS } from './lesson_facts';
import { learner, lesson, mayTrain, train, which } from './store';

const DEVICES = { cpu: 'the CPU', webgpu: 'the GPU' } as const;

/** Changes with the phase only, for it is read out. */
function statusText(): string {
  const opened = learner.opened.value;
  switch (learner.phase.value) {
    case 'closed':
      return learner.problem.value ? 'Stopped' : 'Not begun';
    case 'opening':
      return lesson.value === 'voice'
        ? 'Putting strings of your digits together…'
        : 'Writing lines to learn from, in made-up hands…';
    case 'training':
      return `Training on ${opened ? DEVICES[opened.device.kind] : '…'}`;
    case 'pausing':
      return 'Finishing the step…';
    case 'resting':
      return 'Paused';
    case 'done':
      return 'Done';
  }
}

const share = (value: number): string => `${Number((100 * value).toPrecision(2))} %`;

/** Trains a network in the page, and shows how that goes. */
export function Training() {
  const phase = learner.phase.value;
  const opened = learner.opened.value;
  const result = learner.result.value;
  const { what, network, file } = LESSONS[lesson.value];
  const from =
    lesson.value === 'voice'
      ? 'strings put together of your digits, at other paces and with noise'
      : `lines of ${what} in hands that a program makes up`;
  return (
    <section class="panel" aria-labelledby="training-title">
      <h2 id="training-title">Train one from nothing</h2>
      <div class="controls" role="toolbar" aria-label="Training">
        {phase === 'training' || phase === 'pausing' ? (
          <button
            type="button"
            class="primary"
            disabled={phase === 'pausing'}
            onClick={() => void learner.pause()}
          >
            Pause
          </button>
        ) : (
          <button
            type="button"
            class="primary"
            disabled={phase === 'opening' || !mayTrain.value}
            onClick={() => void train()}
          >
            {phase === 'resting' ? 'Go on' : phase === 'done' ? 'Train another' : 'Train'}
          </button>
        )}
        <span role="status">{statusText()}</span>
        {opened && (
          <span class="hint">
            step {grouped(learner.step.value)} of {grouped(opened.steps)}
          </span>
        )}
      </div>
      {learner.problem.value && <Notice tone="alert">{learner.problem.value.message}</Notice>}
      <p class="note">
        {opened
          ? `${counted(opened.parameters, 'parameter')}, from random ones. ${opened.data}.`
          : `${network} begins with random weights, and learns from ${from}: about a minute. It is told ` +
            'what is in each, and not where. Watch the pictures: soon all is blank, then spikes come.'}
      </p>
      <ModelChoice
        learner={learner}
        legend="The network that reads"
        ready={file ? 'the ready-made one' : null}
        which={which.value}
        onChoose={(choice) => (which.value = choice)}
      />
      {opened && (
        <LearnCurves
          learner={learner}
          metric="wrong labels"
          others={[{ figure: 'blanks', name: 'blank frames', colour: '--muted' }]}
          format={share}
        />
      )}
      {result && (
        <p data-figure="result">
          On {lesson.value === 'voice' ? 'your last round' : 'lines in hands that it never saw'}, it
          gets {share(result.test.labelError)} of the labels wrong; {opened!.baseline.name}, without
          a network, {share(opened!.baseline.metrics.labelError)}.
        </p>
      )}
    </section>
  );
}
