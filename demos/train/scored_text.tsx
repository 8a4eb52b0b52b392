import { useEffect, useMemo, useRef, useState } from 'preact/hooks';

import type { CharacterScore } from '../../src/train/index';
import { percent, signOf } from '../shared/format';
import './scored_text.css';

/** Bounds between the levels of probability that have a colour of their own. */
const LEVELS = [0.01, 0.1, 0.5] as const;

function levelOf(probability: number): number {
  return LEVELS.filter((bound) => probability >= bound).length;
}

/** What the colours of a sample mean. */
export function Legend() {
  return (
    <p class="score-legend hint">
      The model took each character to be{' '}
      {['below 1 %', '1 to 10 %', '10 to 50 %', 'above 50 %'].map((label, level) => (
        <span key={label} class={`score level-${level}`}>
          {label}
        </span>
      ))}{' '}
      likely, before temperature, top k and top p.
    </p>
  );
}

interface Props {
  prime: string;
  text: string;
  scores: readonly CharacterScore[];
  done: boolean;
  /** Characters that are shown; left out, all. */
  count?: number;
  /** What they are written over: its rest is shown, faded. */
  before?: string;
  /** What the line below says while no character is picked. */
  invitation?: string;
}

/**
 * A text with each character coloured by its probability. The pointer, or the arrow keys, pick one,
 * and the line below tells what else the model thought of.
 */
export function ScoredText(props: Props) {
  const { prime, text, scores, done, count = Infinity, before = '', invitation = ' ' } = props;
  const [picked, setPicked] = useState<number | null>(null);
  const pre = useRef<HTMLPreElement>(null);
  // By hand: another character picked is no reason to compare them all.
  useEffect(() => {
    const character = pre.current!.querySelector(`[data-at="${picked}"]`);
    character?.classList.add('picked');
    return () => character?.classList.remove('picked');
  }, [picked]);
  // The same element as before where nothing changed, so that it is not compared again.
  const written = useMemo(
    () =>
      Array.from(text).map((character, i) => {
        const score = scores[i];
        if (!score) return character;
        return (
          <span key={i} data-at={i} class={`score level-${levelOf(score.probability)}`}>
            {character}
          </span>
        );
      }),
    [text, scores],
  );
  const over = useMemo(() => Array.from(before), [before]);
  const going = !done || count < written.length;
  const pick = (by: number) => {
    const last = Math.min(scores.length, count) - 1;
    setPicked(Math.min(Math.max((picked ?? (by > 0 ? -1 : 0)) + by, 0), last));
  };
  return (
    <div class="scored">
      <pre
        ref={pre}
        tabIndex={scores.length > 0 ? 0 : undefined}
        role="group"
        aria-label="Sample; arrow keys tell of each character"
        onPointerOver={({ target }) => {
          const at = target instanceof HTMLElement ? target.dataset['at'] : undefined;
          setPicked(at === undefined ? null : Number(at));
        }}
        onPointerLeave={() => setPicked(null)}
        onBlur={() => setPicked(null)}
        onKeyDown={(event) => {
          if (event.key !== 'ArrowRight' && event.key !== 'ArrowLeft') return;
          event.preventDefault();
          pick(event.key === 'ArrowRight' ? 1 : -1);
        }}
      >
        {prime && <b>{prime}</b>}
        <span class="written">{written.slice(0, count)}</span>
        {going && <span class="caret" aria-hidden="true" />}
        {going && over.length > count && (
          <span class="over" aria-hidden="true">
            {over.slice(count).join('')}
          </span>
        )}
      </pre>
      <p class="hint readout" aria-live="polite">
        {picked === null || !scores[picked] ? invitation : <Readout {...scores[picked]} />}
      </p>
    </div>
  );
}

function Readout({ character, probability, likeliest }: CharacterScore) {
  return (
    <>
      <b>{signOf(character)}</b> {percent(probability)}; the likeliest:{' '}
      {likeliest.map(([other, p]) => `${signOf(other)} ${percent(p)}`).join(', ')}
    </>
  );
}
