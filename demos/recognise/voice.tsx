import { Notice } from '../shared/notice';
import {
  enough,
  listen,
  microphone,
  prompt,
  recordTakes,
  refused,
  silent,
  stop,
  takes,
  WANTED,
} from './takes';
import { learner } from './store';

/** In place of the box: the visitor says digits, and later what is to be read. */
export function Voice() {
  const on = microphone.value;
  const count = takes.value.length;
  const digit = prompt.value;
  const trained = learner.snapshots.value.length > 0;
  return (
    <div class="voice">
      <div class="say" data-figure="prompt" aria-live="polite">
        {on === 'takes' && digit !== null ? (
          <>
            <span>Say</span> <b>{digit}</b>
          </>
        ) : on === 'listening' ? (
          <span>Say digits, one after the other</span>
        ) : (
          <span>
            {count === 0
              ? 'A network learns your voice from a few takes of each digit. They stay in this page.'
              : `${count} of ${WANTED} takes`}
          </span>
        )}
      </div>
      <progress value={count} max={WANTED} aria-label="Takes recorded" />
      <div class="pad-tools">
        {on === 'takes' || on === 'listening' ? (
          <button type="button" class="primary" onClick={stop}>
            Stop
          </button>
        ) : (
          <>
            <button
              type="button"
              class={enough.value ? undefined : 'primary'}
              disabled={on === 'opening'}
              onClick={() => void recordTakes()}
            >
              {count === 0
                ? 'Record my digits'
                : digit === null
                  ? 'Record them anew'
                  : 'Record more'}
            </button>
            <button
              type="button"
              class={trained ? 'primary' : undefined}
              disabled={on === 'opening' || !trained}
              onClick={() => void listen()}
            >
              Listen to me
            </button>
          </>
        )}
        <button
          type="button"
          disabled={count === 0 || on === 'listening'}
          onClick={() => (takes.value = takes.peek().slice(0, -1))}
        >
          Take the last back
        </button>
      </div>
      {refused.value !== null && <Notice tone="alert">{refused.value}</Notice>}
      {silent.value && (
        <Notice tone="info">
          Nothing is heard: speak nearer to the microphone, or see whether it is muted.
        </Notice>
      )}
    </div>
  );
}
