import type { ComponentChildren } from 'preact';
import { useComputed } from '@preact/signals';

import { bundled, source } from './form';
import { phase, problem, report, step } from './store';

/** Steps from which on words take shape, and from which on single units follow something. */
const [WORDS_AT, UNITS_AT] = [100, 600];

type Stage = 'empty' | 'before' | 'opened' | 'begun' | 'words' | 'units' | 'rest';

function stageNow(): Stage {
  if (!report.value && phase.value === 'paused') return 'opened';
  if (!report.value && phase.value !== 'running') {
    // The text that comes along is on its way.
    const { text } = source.value;
    return text === '' && source.value !== bundled.value ? 'empty' : 'before';
  }
  if (phase.value === 'paused' || phase.value === 'idle') return 'rest';
  if (step.value < WORDS_AT) return 'begun';
  return step.value < UNITS_AT ? 'words' : 'units';
}

/** One sentence: what happens, and what to look at next. */
export function Guide() {
  const stage = useComputed(stageNow);
  if (phase.value === 'idle' && problem.value) return null;
  return <p class="guide">{SENTENCES[stage.value]()}</p>;
}

const SENTENCES: Readonly<Record<Stage, () => ComponentChildren>> = {
  empty: () => (
    <>
      <b>Paste a text,</b> or open a file: a network that knows nothing will learn to write like it.
    </>
  ),
  before: () => (
    <>
      <b>Press Start:</b> a network that knows nothing reads the text, guesses each next character,
      and writes here what it has learned so far.
    </>
  ),
  opened: () => (
    <>
      <b>This network is trained already.</b> Have it write more below, see what its units follow{' '}
      <a href="#cells">inside the cells</a>, or train it on with Resume.
    </>
  ),
  begun: () => (
    <>
      <b>It began with random characters.</b> First it finds out which are frequent, then where
      spaces go: watch the text, and the loss fall.
    </>
  ),
  words: () => (
    <>
      <b>Words take shape.</b> The loss tells how surprised it is by the next character; its curve
      is below, beside what simple counting reaches.
    </>
  ),
  units: () => (
    <>
      <b>It spells by now.</b> Look <a href="#cells">inside the cells</a> for what single units
      follow, such as quotes or the ends of words.
    </>
  ),
  rest: () => (
    <>
      <b>Training rests.</b> Drag the slider back to see how it began, look{' '}
      <a href="#cells">inside the cells</a> or at <a href="#errors">what it gets wrong</a>, or go on
      with Resume.
    </>
  ),
};
