import { lesson } from './address';
import { LossChart } from './chart';
import { Figures } from './figures';
import { Samples } from './samples';
import { StreamsPanel } from './streams';

/** What becomes of a run, in numbers, curves and texts; and what a step reads. */
export function Results() {
  return (
    <div class="results">
      <LossChart />
      {!lesson.value && <Figures />}
      <Samples />
      {!lesson.value && <StreamsPanel />}
    </div>
  );
}
