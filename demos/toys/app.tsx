import { wholePercent } from '../learn/percent';
import { SelectField } from '../shared/fields';
import { grouped } from '../shared/format';
import { Header } from '../shared/header';
import { LineChart, stepsTo } from '../shared/line_chart';
import { Notice } from '../shared/notice';
import { oneCore } from '../shared/one_core';
import { CELL_LABELS } from '../train/cell_labels';
import { Shown } from './shown_sequence';
import { choose, goOn, labelOf, learn, pause, phase, sides, topic } from './state';
import { TOPICS } from './topics';
import { HELD_OUT } from './toys/toy';
import { verdict } from './verdict';

/** A choice of toys, what the chosen one asks, and three cells that learn it. */
export function App() {
  const { title, asks, needs } = topic.value;
  return (
    <>
      <Header
        current="Toys"
        tagline="Small tasks where the cells differ: three learn side by side."
      />
      <main class="toys">
        <nav class="toy-choice" aria-label="Toys">
          {TOPICS.map((one) => (
            <button
              key={one.title}
              type="button"
              aria-pressed={one === topic.value}
              onClick={() => void choose(one)}
            >
              {one.title}
            </button>
          ))}
        </nav>
        <section class="panel" aria-labelledby="toy-title">
          <h2 id="toy-title">{title}</h2>
          <p>{asks}</p>
          <p class="needs">{needs}</p>
          <Shown />
        </section>
        <section class="panel" aria-labelledby="learning-title">
          <h2 id="learning-title">Three cells learn it</h2>
          <div class="learning">
            <div>
              <Cells />
              <Commands />
              <Problems />
              <Outcome />
            </div>
            <Curves />
          </div>
        </section>
      </main>
    </>
  );
}

function Cells() {
  return (
    <div class="cells">
      {sides.map(({ cell, colour }, i) => (
        <div key={colour} style={{ '--key': `var(${colour})` }}>
          <SelectField label={`Cell ${i + 1}`} value={cell} choices={CELL_LABELS} />
        </div>
      ))}
    </div>
  );
}

function Commands() {
  const now = phase.value;
  const moves = now === 'training' || now === 'pausing';
  return (
    <div class="commands">
      {now !== 'resting' && (
        <button
          type="button"
          class={moves ? undefined : 'primary'}
          disabled={now === 'pausing'}
          onClick={() => (moves ? pause() : void learn())}
        >
          {moves ? 'Pause' : now === 'done' ? 'Learn again' : 'Learn'}
        </button>
      )}
      {now === 'resting' && (
        <button type="button" class="primary" onClick={goOn}>
          Go on
        </button>
      )}
      {(moves || now === 'resting') && (
        <button type="button" onClick={() => void learn()}>
          From nothing
        </button>
      )}
      <span class="standing" role="status">
        {standing()}
      </span>
    </div>
  );
}

/** Where the training stands, in a few words. */
function standing(): string {
  const { steps } = topic.value.toy.training;
  if (phase.value === 'closed') return `${grouped(steps)} steps each, under a minute.`;
  if (phase.value === 'done') return '';
  const least = Math.min(...sides.map(({ learner }) => learner.step.value));
  return `Step ${grouped(least)} of ${grouped(steps)}`;
}

function Problems() {
  const found = sides
    .map(({ learner }) => learner.problem.value)
    .find((problem) => problem !== null);
  return found ? <Notice tone="alert">{found.message}</Notice> : null;
}

/** None, and all. */
const SHARES = [0, 1];

function Curves() {
  const { toy, right } = topic.value;
  const level = sides.map(({ learner }) => learner.opened.value?.baseline).find(Boolean);
  const lines = sides.map(({ learner, trained, colour }, i) => {
    const last = learner.evaluations.value.at(-1)?.metrics!['accuracy'];
    return {
      name: `${labelOf(trained.value)}${last === undefined ? '' : ` ${wholePercent(last)}`}`,
      key: i,
      colour,
      points: learner.evaluations.value.map(({ step, metrics }) => ({
        x: step,
        y: metrics!['accuracy'],
      })),
    };
  });
  return (
    <div class="curves">
      <h3>{right}</h3>
      <LineChart
        label={`${right}: ${lines.map(({ name }) => name).join(', ')}`}
        lines={lines}
        levels={level ? [{ name: level.name, y: level.metrics['accuracy'] }] : []}
        range={SHARES}
        end={toy.training.steps}
        axis={stepsTo(toy.training.steps)}
        format={wholePercent}
      />
    </div>
  );
}

/** Who managed, once all three are done. */
function Outcome() {
  const { found } = topic.value;
  const opened = sides[0].learner.opened.value;
  const results = sides.map(({ learner }) => learner.result.value);
  if (!opened || !results.every((result) => result !== null)) {
    return oneCore() && phase.value === 'training' ? <p class="note">{oneCore()}</p> : null;
  }
  const outcomes = sides.map(({ trained }, i) => ({
    name: labelOf(trained.value),
    accuracy: results[i].test['accuracy'],
  }));
  const numbers = sides.map(({ learner }) => learner.opened.value!.parameters);
  return (
    <div class="outcome" aria-live="polite">
      <p>
        <strong>{verdict(outcomes, opened.baseline.metrics['accuracy'])}</strong> This is on{' '}
        {HELD_OUT} sequences drawn apart; the networks have{' '}
        {numbers.map((n) => grouped(n)).join(', ')} parameters.
      </p>
      <p class="note">{found}</p>
    </div>
  );
}
