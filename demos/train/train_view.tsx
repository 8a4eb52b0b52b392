import { LossChart } from './chart';
import { Figures } from './figures';
import { DeviceNotice } from './notices';
import { Samples } from './samples';
import { Settings } from './settings';
import { isOpen } from './store';
import { StreamsPanel } from './streams';
import { TextInput } from './text_input';

/** What to train on at the side, what becomes of it in the middle. */
export function TrainView() {
  const setup = (
    <div key="setup" class="setup">
      <TextInput />
      <Settings />
      <DeviceNotice />
    </div>
  );
  const results = (
    <div key="results" class="results">
      <Figures />
      <LossChart />
      <StreamsPanel />
      <Samples />
    </div>
  );
  // Where one stands below the other, the one in use comes first.
  return <main class="train">{isOpen.value ? [results, setup] : [setup, results]}</main>;
}
