import { effect } from '@preact/signals';
import { useId, useLayoutEffect, useRef } from 'preact/hooks';

import { unitColumn } from '../../../src/inspect/index';
import { dark, Pixels } from './palette';
import { PROBE_TAGS } from './probe_words';
import {
  channel,
  characters,
  claims,
  fullColour,
  layer,
  layerValues,
  order,
  pickUnit,
  trace,
  unit,
} from './store';

/** A thumbnail is the text in small, a pixel for a character. */
const COLUMNS = 72;
const ROWS = { least: 12, most: 48 };

/** Where the characters stand in a thumbnail: its pixels by character, -1 for those without. */
function layOut(text: readonly string[]): { pixels: Int32Array; rows: number } {
  let [row, column] = [0, 0];
  const pixels = Int32Array.from(text, (character) => {
    if (column === COLUMNS) [row, column] = [row + 1, 0];
    const pixel = row < ROWS.most ? row * COLUMNS + column : -1;
    if (character === '\n') [row, column] = [row + 1, 0];
    else column++;
    return pixel;
  });
  const used = Math.floor(pixels.reduce((most, pixel) => Math.max(most, pixel), 0) / COLUMNS) + 1;
  return { pixels, rows: Math.max(used, ROWS.least) };
}

function draw(canvases: readonly HTMLCanvasElement[], host: Element): void {
  const hidden = trace.value?.hidden ?? 0;
  const { pixels, rows } = layOut(characters.value);
  const all = layerValues.value;
  const full = fullColour.value;
  void dark.value;
  const palette = new Pixels(host);
  for (const canvas of canvases) {
    const j = Number(canvas.dataset['unit']);
    if (j >= hidden) break;
    // A new size empties a canvas too.
    [canvas.width, canvas.height] = [COLUMNS, rows];
    const values = unitColumn(all, hidden, j);
    const bound = full(values);
    const image = new ImageData(COLUMNS, rows);
    for (let t = 0; t < values.length; t++) {
      if (pixels[t] >= 0) palette.set(image, pixels[t], values[t] / bound);
    }
    canvas.getContext('2d')!.putImageData(image, 0, 0);
  }
}

/** All units of a layer. */
export function Wall() {
  const id = useId();
  const host = useRef<HTMLDivElement>(null);
  const hidden = trace.value?.hidden ?? 0;
  // By hand, here and below: hundreds of tiles, of which one or two change. Layout effects end with the
  // tiles; others would hear of a signal after them, until the next frame.
  useLayoutEffect(
    () =>
      effect(() => {
        const chosen = unit.value;
        for (const radio of host.current!.querySelectorAll('input')) {
          radio.checked = Number(radio.value) === chosen;
        }
        keepInSight(host.current!);
      }),
    [hidden],
  );
  useLayoutEffect(() => keepInSight(host.current!), [order.value]);
  useLayoutEffect(
    () => effect(() => draw([...host.current!.querySelectorAll('canvas')], host.current!)),
    [hidden],
  );
  return (
    <section class="panel" aria-labelledby={`${id}-title`}>
      <h2 id={`${id}-title`}>All units of layer {layer.value + 1}</h2>
      <p id={`${id}-note`} class="hint">
        {channel.value.name} of each unit: the text in small, a dot for a character. Those that
        follow something come first. Click a unit, or move with the arrow keys.
      </p>
      <div
        ref={host}
        class="wall"
        role="radiogroup"
        aria-labelledby={`${id}-title`}
        aria-describedby={`${id}-note`}
      >
        {order.value.map((j) => (
          <label key={j} class="tile">
            <input
              type="radio"
              name={`${id}-unit`}
              value={j}
              aria-label={`Unit ${j}`}
              onChange={() => pickUnit(j)}
            />
            <canvas aria-hidden="true" data-unit={j} />
            <span aria-hidden="true">
              {j} <Tag unit={j} />
            </span>
          </label>
        ))}
      </div>
    </section>
  );
}

/** What a unit follows, if that convinces. */
function Tag({ unit }: { unit: number }) {
  const claim = claims.value.find((one) => one.layer === layer.value && one.unit === unit);
  return claim?.holds ? <i>{PROBE_TAGS[claim.probe]}</i> : null;
}

/** Scrolls the wall, and not the page, to the unit that is chosen. */
function keepInSight(wall: HTMLElement): void {
  const tile = wall.querySelector<HTMLElement>('.tile:has(:checked)');
  if (!tile) return;
  const [top, bottom] = [tile.offsetTop, tile.offsetTop + tile.offsetHeight];
  if (top < wall.scrollTop || bottom > wall.scrollTop + wall.clientHeight) {
    wall.scrollTop = top - (wall.clientHeight - tile.offsetHeight) / 2;
  }
}
