import { useEffect } from 'preact/hooks';

import { Header } from '../shared/header';
import { probe } from './actions';
import { LossChart } from './chart';
import { Controls } from './controls';
import { Figures } from './figures';
import { DeviceNotice, ProblemNotice } from './notices';
import { Samples } from './samples';
import { Settings } from './settings';
import { isOpen } from './store';
import { TextInput } from './text_input';

/** The page: what to train on at the side, what becomes of it in the middle. */
export function App() {
  useEffect(() => void probe(), []);
  const setup = (
    <div key="setup" class="setup">
      <TextInput />
      <Settings />
    </div>
  );
  const results = (
    <div key="results" class="results">
      <Figures />
      <LossChart />
      <Samples />
    </div>
  );
  // Where one stands below the other, the one in use comes first.
  return (
    <>
      <Header
        current="Train"
        tagline="Give a recurrent network a text, and watch it learn to write."
      />
      <div class="top">
        <Controls />
        <ProblemNotice />
      </div>
      <DeviceNotice />
      <main>{isOpen.value ? [results, setup] : [setup, results]}</main>
    </>
  );
}
