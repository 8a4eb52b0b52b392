import { useEffect } from 'preact/hooks';

import { counted, grouped, nats } from '../../shared/format';
import { Notice } from '../../shared/notice';
import { NoModel } from '../no_model';
import { hasModel } from '../store';
import { Chart } from './chart';
import {
  asked,
  layoutProblem,
  MIN_POINTS,
  nearestNgram,
  placed,
  titleOf,
  tooFew,
  watch,
} from './store';
import './style.css';

/** Models as points: near ones predict alike. */
export function MapView() {
  useEffect(watch, []);
  if (!hasModel.value) {
    return (
      <NoModel title="A map of models">
        you then see here which models predict alike, n-grams among them.
      </NoModel>
    );
  }
  const problem = asked.problem.value?.message ?? layoutProblem.value;
  return (
    <main class="map">
      <section class="panel map-drawing" aria-labelledby="map-title">
        <h2 id="map-title">A map of models</h2>
        <p>
          Each point is a model: a run at an evaluation, or an n-gram. Points that lie near each
          other give the same characters of a held-out passage similar probabilities.
        </p>
        {problem && <Notice tone="alert">{problem}</Notice>}
        <Drawing />
      </section>
      <section class="panel map-likeness" aria-labelledby="map-likeness-title">
        <h2 id="map-likeness-title">What predicts most alike</h2>
        <Likeness />
      </section>
    </main>
  );
}

function Drawing() {
  if (tooFew.value) {
    return (
      <p class="nothing" data-figure="map-state">
        There is too little to draw yet: a map takes {MIN_POINTS} models. Train on: every evaluation
        adds one.
      </p>
    );
  }
  if (placed.value.length === 0) {
    return (
      <p class="nothing" data-figure="map-state">
        {asked.value.value ? 'Laying out the map…' : 'The models read the passage…'}
      </p>
    );
  }
  const runs = new Set(placed.value.map(({ run }) => run));
  return (
    <>
      <Chart />
      <p class="hint" data-figure="map-state">
        {counted(placed.value.length, 'model')} of {counted(runs.size - 1, 'run')} and the n-grams.
        A line follows a run through its evaluations; its points grow with the steps. Only nearness
        counts: the axes mean nothing, nor do long distances.
      </p>
      <details>
        <summary>The passage that all of them read</summary>
        <pre class="map-passage">{asked.value.value?.passage}</pre>
      </details>
    </>
  );
}

/** Of each run its first and its last point, with the n-gram that is most like it. */
function Likeness() {
  const points = asked.value.value?.points.filter(({ kind }) => kind === 'run') ?? [];
  const runs = [...new Set(points.map(({ run }) => run))];
  if (runs.length === 0) return <p class="nothing">No run has read the passage yet.</p>;
  return (
    <>
      {runs.map((run) => {
        const own = points.filter((point) => point.run === run);
        const shown = own.length > 1 ? [own[0], own[own.length - 1]] : own;
        return (
          <div key={run} data-run={run}>
            <h3>{titleOf(run)}</h3>
            <ul>
              {shown.map((point) => {
                const near = nearestNgram(point);
                return (
                  <li key={point.at}>
                    Step {grouped(point.at)}: loss {nats(point.loss)}
                    {near && (
                      <>
                        , most like the <b>{near.order}-gram</b> ({nats(near.distance)} nats apart)
                      </>
                    )}
                  </li>
                );
              })}
            </ul>
          </div>
        );
      })}
      <p class="hint">
        Apart: how much larger or smaller the probability of a character is on average, as a
        logarithm; 0.69 nats are a factor of two.
      </p>
    </>
  );
}
