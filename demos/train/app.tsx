import { useEffect, useLayoutEffect } from 'preact/hooks';

import { Header } from '../shared/header';
import { probe } from './actions';
import { lesson, openAddress } from './address';
import { wrong } from './attempt';
import { loadBundled } from './form';
import { lazily } from './lazy';
import { LessonLine } from './lesson_line';
import { Choice } from './choice';
import { Controls } from './controls';
import { Keep } from './keep';
import { keepRuns } from './keeping';
import { AddressNotice, ProblemNotice, RecoveryNotice, SlowNotice } from './notices';
import { touring } from './tour_state';
import { shown, ShownView, Views } from './views';
import { waiting } from './waiting';

const CheckpointText = lazily(async () => (await import('./checkpoint_text')).CheckpointText);
const Tour = lazily(async () => (await import('./tour')).Tour);

/** The page: what to learn, what runs, and one view of it. */
export function App() {
  // Before anybody sees the page, which is not ready until the run before is there.
  useLayoutEffect(() => keepRuns(openAddress()), []);
  useEffect(() => {
    void loadBundled();
    void probe();
  }, []);
  return (
    <>
      <Header current="Studio" tagline="Watch a recurrent network learn to write." />
      <Views />
      {shown.value.name === 'train' && (lesson.value ? <LessonLine /> : <Choice />)}
      <section class="top" aria-label="The run">
        <div class="commands">
          <Controls />
          {!lesson.value && <Keep />}
        </div>
        <p class="wrong attempted" aria-live="polite">
          {wrong}
        </p>
        <AddressNotice />
        <ProblemNotice />
        <RecoveryNotice />
        <SlowNotice />
        {waiting.value && <CheckpointText />}
      </section>
      <ShownView />
      {touring.value && <Tour />}
    </>
  );
}
