import { useContext, useEffect, useId, useState } from 'preact/hooks';

import program from '../../../docs/examples/read_series.ts?raw';
import { FilePicker } from '../../shared/file_picker';
import { Latest } from '../../shared/latest';
import { LineChart } from '../../shared/line_chart';
import { significant } from '../../shared/format';
import { OwnName } from '../ask_text';
import type { SeriesReply } from '../lessons/sunspots';
import { textOf } from '../own_text';
import type { Topic } from '../topic';

/** Of a file that is forecast: tens of thousands of values. */
const MOST_BYTES = 1e6;

/** Of a file, of what is typed, and of the task: what comes last stands. */
const latest = new Latest();

function Ask({ input, give }: { input: string; give: (input: string) => void }) {
  const id = useId();
  const own = useContext(OwnName);
  const [refused, refuse] = useState<string | null>(null);
  const [over, hold] = useState(false);
  useEffect(() => () => void latest.next(), []);
  const take = async (file: File): Promise<void> => {
    const mine = latest.next();
    const found = await textOf(file, MOST_BYTES, 'give its last part');
    if (!latest.is(mine)) return;
    refuse('refused' in found ? found.refused : null);
    if ('text' in found) give(found.text.trim());
  };
  return (
    <div
      class={over ? 'field ask drop over' : 'field ask drop'}
      onDragOver={(event) => {
        event.preventDefault();
        hold(true);
      }}
      onDragLeave={() => hold(false)}
      onDrop={(event) => {
        event.preventDefault();
        hold(false);
        const [file] = event.dataTransfer?.files ?? [];
        if (file) void take(file);
      }}
    >
      <label for={id}>
        A series of your own: counts with spaces, commas or line ends between, or a CSV file with a
        column of them, pasted or dropped here
      </label>
      <textarea
        id={id}
        rows={2}
        value={input}
        placeholder={`Empty: ${own === null ? 'the sunspots of the years 1700 to 2008' : `the series of ${own}`}`}
        onInput={({ currentTarget }) => {
          latest.next();
          refuse(null);
          give(currentTarget.value);
        }}
      />
      <div>
        <FilePicker
          name="A file with a series"
          accept=".csv,.tsv,.txt,.jsonl,.json"
          disabled={false}
          onFile={(file) => void take(file)}
        >
          Choose a file …
        </FilePicker>
      </div>
      {refused !== null && (
        <p class="wrong" role="alert">
          {refused}
        </p>
      )}
    </div>
  );
}

const NAMES = { window: 'by a window', recurrent: 'by a state' } as const;
const COLOURS = { window: '--warm', recurrent: '--output' } as const;

/** What is known, what each network forecasts, and how far it has been off before. */
function Forecasts({ reply: { known, ends, forecasts, measured } }: { reply: SeriesReply }) {
  const last = known.length - 1;
  const names = ['window', 'recurrent'] as const;
  const forecast = names.map((name) => ({
    name: NAMES[name],
    colour: COLOURS[name],
    points: [known[last], ...forecasts[name].values].map((y, i) => ({ x: last + i, y })),
  }));
  // Along its upper edge, and back along the lower one.
  const { values, error } = forecasts.recurrent;
  const edge = (side: number) => values.map((y, i) => ({ x: last + 1 + i, y: y + side * error }));
  const band = [...edge(1), ...edge(-1).reverse()];
  return (
    <>
      <LineChart
        label={`The last ${known.length} values, and two forecasts of ${forecasts.window.values.length} more`}
        lines={[
          { name: 'known', colour: '--text', points: known.map((y, x) => ({ x, y })) },
          { name: 'by a state, ± its error so far', colour: '--faint', points: band },
          ...forecast,
        ]}
        end={last + forecasts.window.values.length}
        axis={`${ends[0]} to ${ends[1]}, the last ${values.length} of them forecast`}
        format={significant}
      />
      <p class="note">
        Each of the last {measured} known values was forecast from those before it: the window was
        off by {significant(forecasts.window.error)}, the state by {significant(error)} (root of the
        mean square). The faint line runs that far above and below the forecast by the state. The
        first forecast may be expected to be as far off, and the later ones further, for they are
        made from the earlier.
      </p>
    </>
  );
}

export const sunspots: Topic<string, SeriesReply> = {
  name: 'sunspots',
  title: 'The next value of a series',
  shape: 'one-to-one',
  question:
    'How does a series go on? A window of its last twelve values is asked, and beside it a recurrent network. Both learnt the sunspots of each year, and forecast those, or a series of your own.',
  lecture:
    'The window forgets what happened thirteen years ago, always. The state may keep it, if learning ' +
    'found that worth keeping. Further ahead both live on their own forecasts, so that errors add up: ' +
    'trust the range, and not the line.',
  metric: 'error',
  tested: 'recurrent ',
  format: significant,
  inputs: [''],
  written: { text: (input) => input, read: (text) => text },
  program,
  switches: [],
  own: 'numbers: a column of them, in order of time',
  Ask,
  picture: (_input, reply) => ({
    columns: [
      {
        input: `${reply?.order ?? 12} values`,
        output: reply ? significant(reply.forecasts.window.values[0]) : '',
      },
    ],
    recurrence: 'none',
  }),
  shapes: () => ({
    input: 'x: [batch, 12], the values in the window',
    state: 'a hidden layer: [batch, 8]; of the recurrent network h_t: [batch, 8]',
    output: 'y: [batch, 1], the next value',
  }),
  Reply: ({ reply }) => <Forecasts reply={reply} />,
  said: ({ forecasts: { window, recurrent } }) =>
    `next: ${significant(window.values[0])} by the window, ${significant(recurrent.values[0])} by the state`,
  doubts: ({ outside }, own) =>
    outside
      ? [
          `Value ${outside.place} is ${significant(outside.value)}, and the networks learnt values from ` +
            `${significant(outside.learnt[0])} to ${significant(outside.learnt[1])}: they know nothing of what is so ` +
            `far outside.${own ? '' : ' Train them on a series of your own.'}`,
        ]
      : [],
};
