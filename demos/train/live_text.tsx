import { useEffect, useId, useRef } from 'preact/hooks';

import './live_text.css';
import { bits, counted, grouped, nats } from '../shared/format';
import { evaluate } from './actions';
import { lossAt } from './curve_facts';
import { beganWith } from './kept_runs';
import type { Sample } from './protocol';
import { Legend, ScoredText } from './scored_text';
import { answers, chosenSample, compiling, points, report, validation } from './store';
import { excerpt, keepTyping, shortLines, timeline, typing } from './typing';

/** What the network writes as it learns, and the way back to what it wrote before. */
export function LiveText() {
  useEffect(keepTyping, []);
  const all = timeline.value;
  const earlier = all.slice(0, -1).find(({ id }) => id === chosenSample.value);
  const now = typing.value;
  return (
    <section class="panel live" aria-labelledby="live-title">
      <div class={shortLines.value ? 'live-text short-lines' : 'live-text'}>
        <h2 id="live-title">
          {earlier ? titleOf(earlier) : now ? titleOf(now.sample) : 'What it will read'}
        </h2>
        {earlier ? (
          <Paper key="earlier" sample={earlier} />
        ) : now ? (
          <Paper key="now" {...now} />
        ) : (
          <pre class="excerpt" tabIndex={0} role="group" aria-label="Beginning of the text">
            {excerpt}
          </pre>
        )}
        {now && <Timeline all={all} at={earlier ? all.indexOf(earlier) : all.length - 1} />}
        {now && <Legend />}
      </div>
      <LiveFigures />
    </section>
  );
}

/** After how many steps it was written, and how well the network knew the text by then. */
function titleOf({ step }: Sample): string {
  const loss = lossAt(points.value, step);
  const first = beganWith.value === undefined ? 'At first, untrained' : 'As it was opened';
  const when = step === 0 ? first : `After ${counted(step, 'step')}`;
  return loss === null ? when : `${when}: loss ${nats(loss)}`;
}

function Paper({ sample, count, before }: { sample: Sample; count?: number; before?: string }) {
  const host = useRef<HTMLDivElement>(null);
  // The caret stays in sight where a text has many short lines.
  useEffect(() => {
    const paper = host.current?.querySelector('pre');
    const caret = host.current?.querySelector<HTMLElement>('.caret');
    if (!paper) return;
    if (caret)
      paper.scrollTop = Math.max(0, caret.offsetTop + caret.offsetHeight - paper.clientHeight);
  }, [count]);
  const { id, prime, text, scores, done } = sample;
  return (
    <div ref={host} class="paper" data-step={sample.step}>
      <ScoredText
        key={id}
        {...{ prime, text, scores, done, count, before }}
        invitation="Point at a character to see what else the network thought of."
      />
    </div>
  );
}

/** From what it wrote at first to what it writes now. */
function Timeline({ all, at }: { all: readonly Sample[]; at: number }) {
  const id = useId();
  const last = all.length - 1;
  const where = at === last ? 'now' : `step ${grouped(all[at].step)}`;
  return (
    <div class="timeline">
      <label for={id}>Back to earlier steps</label>
      <input
        id={id}
        type="range"
        min="0"
        max={Math.max(last, 1)}
        step="1"
        value={last === 0 ? 1 : at}
        disabled={last === 0}
        aria-valuetext={at === 0 && last > 0 ? 'at first' : where}
        onInput={(event) => {
          const to = event.currentTarget.valueAsNumber;
          chosenSample.value = to >= last ? null : all[to].id;
        }}
      />
      <p class="timeline-ends hint" aria-hidden="true">
        <span>at first</span>
        {at > 0 && at < last && <b>{where}</b>}
        <span>now</span>
      </p>
    </div>
  );
}

/** Step and losses, as they are now. */
function LiveFigures() {
  const [now, held] = [report.value, validation.value];
  if (!now) return compileNote() && <p class="live-figures hint">{compileNote()}</p>;
  const open = answers.value;
  // Unknown for a run that was not trained here, until its first step.
  const epoch = Number.isFinite(now.epoch) ? `epoch ${now.epoch.toFixed(2)}` : null;
  return (
    <div class="live-side">
      <dl class="live-figures">
        <div class="figure">
          <dt>Loss</dt>
          <dd>
            <span class="value" data-figure="loss">
              {nats(now.smoothedLoss)}
            </span>
            <span class="unit"> nats</span>
            <span class="note">{bits(now.smoothedLoss)} bits a character</span>
            <span class="note">{unsure(now.smoothedLoss)}</span>
          </dd>
        </div>
        <div class="figure">
          <dt>Step</dt>
          <dd>
            <span class="value" data-figure="step">
              {grouped(now.step)}
            </span>
            <span class="note">{compileNote() ?? epoch}</span>
          </dd>
        </div>
        {held && (
          <div class="figure">
            <dt>Held-out loss</dt>
            <dd>
              <span class="value" data-figure="validation">
                {nats(held.loss)}
              </span>
              <span class="unit"> nats</span>
              <span class="note">on text it never reads, step {grouped(held.step)}</span>
            </dd>
          </div>
        )}
      </dl>
      <button type="button" class="small" disabled={!open} onClick={() => void evaluate()}>
        Measure held-out loss
      </button>
    </div>
  );
}

/** The perplexity, in words. */
function unsure(loss: number): string | null {
  const choices = Math.exp(loss);
  return Number.isFinite(choices) && choices < 1e4
    ? `as if it chose among ${choices < 10 ? choices.toFixed(1) : grouped(choices)} characters`
    : null;
}

/** How far the shaders are that the first step waits for. */
function compileNote(): string | null {
  const now = compiling.value;
  return now && `compiling shader ${now.done} of ${now.total}`;
}
