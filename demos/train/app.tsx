import { useEffect } from 'preact/hooks';

import { Header } from '../shared/header';
import { probe } from './actions';
import { loadBundled } from './form';
import { CheckpointText } from './checkpoint_text';
import { Controls } from './controls';
import { Keep } from './keep';
import { keepRuns } from './keeping';
import { ProblemNotice, RecoveryNotice } from './notices';
import { ShownView, Views } from './views';

/** The page: what runs at the top, and one view of it. */
export function App() {
  useEffect(() => {
    void loadBundled();
    keepRuns();
    void probe();
  }, []);
  return (
    <>
      <Header
        current="Studio"
        tagline="Give a recurrent network a text, and watch it learn to write."
      />
      <section class="top" aria-label="The run">
        <Views />
        <div class="commands">
          <Controls />
          <Keep />
        </div>
        <ProblemNotice />
        <RecoveryNotice />
        <CheckpointText />
      </section>
      <ShownView />
    </>
  );
}
