import { useSignal } from '@preact/signals';
import { useRef } from 'preact/hooks';

import { coalesced } from '../shared/coalesced';
import type { Ink } from '../tasks/pen/hand';
import { LESSONS } from './lesson_facts';
import { ink, lesson, pictured, written } from './store';

/** Strokes as what `d` of an SVG path takes; a point alone is a dot. */
const pathOf = (stroke: Ink[number]): string =>
  stroke.map(({ x, y }, i) => `${i === 0 ? 'M' : 'L'}${x.toFixed(1)} ${y.toFixed(1)}`).join('') +
  (stroke.length === 1 ? 'h0.1' : '');

/** A box to write in, by pen, mouse or finger. */
export function Pad() {
  const box = useRef<SVGSVGElement>(null);
  /** The pointer that writes; another finger meanwhile does not. */
  const writing = useRef<number | null>(null);

  const points = (event: PointerEvent): Ink[number] => {
    const { left, top } = box.current!.getBoundingClientRect();
    return coalesced(event).map(({ clientX, clientY }) => ({
      x: clientX - left,
      y: clientY - top,
    }));
  };
  const end = (event: PointerEvent) => {
    if (event.pointerId === writing.current) writing.current = null;
  };
  return (
    <svg
      ref={box}
      class="pad"
      role="img"
      aria-label={`A box to write ${LESSONS[lesson.value].what} in, with ${ink.value.length} strokes`}
      onPointerDown={(event) => {
        if (writing.current !== null || event.button !== 0) return;
        event.preventDefault();
        writing.current = event.pointerId;
        event.currentTarget.setPointerCapture(event.pointerId);
        ink.value = [...ink.peek(), points(event)];
        pictured.value = 'own';
      }}
      onPointerMove={(event) => {
        if (event.pointerId !== writing.current) return;
        const before = ink.peek();
        const stroke = before.at(-1) ?? [];
        ink.value = [...before.slice(0, -1), [...stroke, ...points(event)]];
      }}
      onPointerUp={end}
      onPointerCancel={end}
    >
      {ink.value.map((stroke, i) => (
        <path key={i} d={pathOf(stroke)} />
      ))}
    </svg>
  );
}

/** Takes strokes back, and has code write in the box, for who has no pen. */
export function PadTools() {
  const text = useSignal('');
  const seed = useRef(100);
  const { what, symbols, example } = LESSONS[lesson.value];
  const typed = text.value.trim().toLowerCase();
  const wrong =
    typed !== '' && !symbols.test(typed)
      ? `Only ${what}, such as ${example}.`
      : typed.length > 8
        ? 'At most 8 at once.'
        : null;
  return (
    <div class="pad-tools">
      <button
        type="button"
        disabled={ink.value.length === 0}
        onClick={() => (ink.value = ink.peek().slice(0, -1))}
      >
        Undo
      </button>
      <button type="button" disabled={ink.value.length === 0} onClick={() => (ink.value = [])}>
        Clear
      </button>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (wrong !== null) return;
          ink.value = inBox(written(typed || example, seed.current++));
          pictured.value = 'own';
        }}
      >
        <label>
          <span>Or have it written:</span>
          <input
            type="text"
            size={8}
            placeholder={example}
            value={text.value}
            autocomplete="off"
            autocapitalize="off"
            aria-invalid={wrong !== null}
            aria-describedby="written-wrong"
            onInput={(event) => (text.value = event.currentTarget.value)}
          />
        </label>
        <button type="submit" disabled={wrong !== null}>
          Write
        </button>
      </form>
      <p id="written-wrong" class="wrong">
        {wrong}
      </p>
    </div>
  );
}

/** Margin around what code writes, in pixels. */
const MARGIN = 24;

/** Ink moved and scaled into the middle of the box. */
function inBox(given: Ink): Ink {
  const { clientWidth: width, clientHeight: height } = document.querySelector('.pad')!;
  const all = given.flat();
  const [xs, ys] = [all.map(({ x }) => x), all.map(({ y }) => y)];
  const [left, right] = [Math.min(...xs), Math.max(...xs)];
  const [top, bottom] = [Math.min(...ys), Math.max(...ys)];
  const scale = Math.min(
    (width - 2 * MARGIN) / Math.max(right - left, 1e-3),
    (height - 2 * MARGIN) / Math.max(bottom - top, 1e-3),
    // Of people's size, however few symbols.
    height / 2,
  );
  const [dx, dy] = [(width - scale * (right - left)) / 2, (height - scale * (bottom - top)) / 2];
  return given.map((stroke) =>
    stroke.map(({ x, y }) => ({ x: dx + scale * (x - left), y: dy + scale * (y - top) })),
  );
}
