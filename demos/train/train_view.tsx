import { Guide } from './guide';
import { lazily } from './lazy';
import { LiveText } from './live_text';

const Results = lazily(async () => (await import('./results')).Results);

/** What the network writes as it learns; below, all that there is to see of a run. */
export function TrainView() {
  return (
    <main>
      <Guide />
      <LiveText />
      <Results />
    </main>
  );
}
