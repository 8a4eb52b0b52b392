import { effect, signal } from '@preact/signals';
import { useEffect } from 'preact/hooks';

import './text.css';
import { counted, grouped } from '../shared/format';
import { counting, heldOut, parseNumber, settingsFit, source, typed } from './form';
import { step } from './store';
import type { StreamsView } from './text_protocol';
import { textAnswered, textService } from './text_store';

/** Streams that are shown, characters of a window, and characters beside it. */
const [ROWS, COLUMNS, AROUND] = [6, 200, 12];

const view = signal<StreamsView | null>(null);

function asked(): Promise<StreamsView | null> {
  const query = {
    batch: parseNumber(typed.batch.peek()),
    seq: parseNumber(typed.seq.peek()),
    validFraction: heldOut.peek(),
    step: step.peek(),
    ...{ rows: ROWS, columns: COLUMNS, around: AROUND },
  };
  return textAnswered(textService().streams(query));
}

/** Looks anew whenever the text, the settings or the step change; one look at a time. */
function follow(): () => void {
  let busy = false;
  let again = false;
  const look = async (): Promise<void> => {
    again = busy;
    if (busy) return;
    busy = true;
    try {
      view.value = settingsFit.peek() ? await asked() : null;
    } catch {
      // What is wrong with the text, or its worker, is told beside the text.
      view.value = null;
    } finally {
      busy = false;
    }
    if (again) void look();
  };
  return effect(() => {
    void [source.value, typed.batch.value, typed.seq.value, heldOut.value, step.value];
    if (!counting.value && settingsFit.value) void look();
  });
}

/** What the next step reads: sequence length against batch size, on the text itself. */
export function StreamsPanel() {
  useEffect(follow, []);
  const now = view.value;
  const batch = parseNumber(typed.batch.value);
  const seq = parseNumber(typed.seq.value);
  return (
    <section class="panel" aria-labelledby="streams-title">
      <h2 id="streams-title">What a step reads</h2>
      {now === null ? (
        <p class="hint">Nothing yet: the text is too short for these settings.</p>
      ) : (
        <>
          <p class="hint">
            {counted(batch, 'stream')} of {counted(now.streamLength, 'character')}, side by side;{' '}
            {counted(seq, 'character')} of each in a step. Next is window {grouped(now.window + 1)}{' '}
            of {grouped(now.windows)}, marked.
          </p>
          <div class="streams" tabIndex={0} role="region" aria-label="The marked window">
            <table>
              <tbody>
                {now.rows.map(({ before, window, after }, b) => (
                  <tr key={b}>
                    <th scope="row">{b + 1}</th>
                    <td class="before">{shown(before)}</td>
                    <td>
                      <mark>{shown(window)}</mark>
                      {shown(after)}
                      {seq > COLUMNS && '…'}
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
          {batch > ROWS && <p class="hint">and {counted(batch - ROWS, 'more stream')}.</p>}
        </>
      )}
    </section>
  );
}

/** On one line. */
function shown(text: string): string {
  return text.replaceAll(/\r\n|\n|\r/g, '↵').replaceAll('\t', '→');
}
