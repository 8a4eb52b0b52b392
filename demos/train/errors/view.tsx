import { useEffect, useId } from 'preact/hooks';

import { counted, grouped, percent } from '../../shared/format';
import { Notice } from '../../shared/notice';
import { asOf } from '../as_of';
import { NoModel } from '../no_model';
import { hasModel } from '../store';
import { Compared } from './compared';
import { ErrorText } from './error_text';
import { asked, byKind, mistakes, onlyKind, progress, watch } from './store';
import './style.css';
import { KINDS, sliceInWords } from './words';

/** Which errors a model makes on held-out text, and where it beats an n-gram. */
export function ErrorsView() {
  useEffect(watch, []);
  if (!hasModel.value) {
    return (
      <NoModel title="What it gets wrong">
        you then see here which characters it fails to foresee, and why.
      </NoModel>
    );
  }
  return (
    <main class="errors">
      <section class="panel" aria-labelledby="errors-title">
        <h2 id="errors-title">What it gets wrong</h2>
        {asked.problem.value && <Notice tone="alert">{asked.problem.value.message}</Notice>}
        <Summary />
        {mistakes.value && (
          <>
            <Bar />
            <Kinds />
          </>
        )}
      </section>
      {mistakes.value && (
        <>
          <Compared />
          <ErrorText />
        </>
      )}
    </main>
  );
}

function Summary() {
  const found = mistakes.value;
  return (
    <>
      {found && (
        <p class="errors-summary" data-figure="errors">
          Of {counted(found.network.length, 'held-out character')},{' '}
          <b>
            {grouped(found.kinds.errors)} (
            {percent(found.kinds.errors / Math.max(found.network.length, 1))})
          </b>{' '}
          are errors: the model gave them less than one half.
        </p>
      )}
      <p class="hint" data-figure="read-at" aria-live="polite">
        <Freshness />
      </p>
    </>
  );
}

function Freshness() {
  const reading = progress.value;
  if (reading) {
    return (
      <>
        The model has read {grouped(reading[0])} of {grouped(reading[1])} characters…
      </>
    );
  }
  if (mistakes.value) return <>{asOf(mistakes.value.step)}</>;
  return asked.waiting.value ? <>Counting n-grams…</> : <>Nothing read yet.</>;
}

/** All errors as one bar; a part of it shows its errors in the text. */
function Bar() {
  const errors = mistakes.value?.kinds.errors ?? 0;
  if (errors === 0) return <p class="nothing">No errors at all.</p>;
  return (
    <div class="errors-bar" role="group" aria-label="Errors by kind">
      {byKind.value
        .filter(({ count }) => count > 0)
        .map(({ kind, count }) => (
          <button
            key={kind}
            type="button"
            data-kind={kind}
            style={{ flexGrow: count }}
            aria-pressed={onlyKind.value === kind}
            aria-label={`${KINDS[kind].title}: ${percent(count / errors)}`}
            title={`${KINDS[kind].title}: ${percent(count / errors)}`}
            onClick={() => (onlyKind.value = onlyKind.value === kind ? null : kind)}
          />
        ))}
    </div>
  );
}

/** The kinds in their order, each with its definition. */
function Kinds() {
  const id = useId();
  const errors = mistakes.value?.kinds.errors ?? 0;
  return (
    <>
      <ol class="errors-kinds" aria-describedby={id}>
        {byKind.value.map(({ kind, slices, count }) => (
          <li key={kind} data-kind={kind}>
            <details>
              <summary>
                <span class="swatch" data-kind={kind} />
                <span class="name">{KINDS[kind].title}</span>
                <span class="share">{percent(errors > 0 ? count / errors : 0)}</span>
                <span class="count">{grouped(count)}</span>
              </summary>
              <p>{KINDS[kind].definition}</p>
              {slices.length > 1 && (
                <table>
                  <tbody>
                    {slices.map((slice) => (
                      <tr key={slice.limit}>
                        <th scope="row">{sliceInWords(slice)}</th>
                        <td>{grouped(slice.count)}</td>
                      </tr>
                    ))}
                  </tbody>
                </table>
              )}
            </details>
          </li>
        ))}
      </ol>
      <p id={id} class="hint">
        Each error counts once, for the first kind that explains it: the order decides the shares.
        Open a kind for what it means; click its part of the bar to see its errors alone in the text
        below.
      </p>
    </>
  );
}
