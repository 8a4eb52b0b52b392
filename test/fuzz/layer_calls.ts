/** Calls of recurrent layers: cells, directions, layers, projections, states, and ragged batches. */
import { CELLS } from '../../src/nn/index';
import type { Drawing } from './drawing';
import type { Arg, Name } from './program';

/** LSTM takes the classes' options too. */
const CLASSES = ['LSTM', 'LSTM', 'GRU', 'RNN'];

/** Widths of the parts of a state. */
function stateWidths(make: string, hidden: number, projSize: number): number[] {
  return make === 'LSTM' ? [projSize || hidden, hidden] : [hidden];
}

function layer(d: Drawing): readonly Arg[] {
  const make = d.chance(0.7) ? d.pick(CLASSES) : d.pick(Object.keys(CELLS));
  const hidden = d.int(1, 6);
  const batchFirst = d.chance(0.3);
  const bidirectional = d.chance(0.35);
  const numLayers = d.pick([1, 1, 2, 3]);
  const projSize = make === 'LSTM' && hidden > 1 && d.chance(0.3) ? d.int(1, hidden - 1) : 0;
  const x: Name = d.value(
    (shape) => shape.length === 3 && shape[2] > 0,
    () => [d.int(0, 6), d.int(0, 4), d.int(1, 5)],
  );
  const shape = d.shapeOf(x);
  const [time, batch] = batchFirst ? [shape[1], shape[0]] : shape;
  const options = { numLayers, bidirectional, batchFirst, bias: d.chance(0.8) };
  const made = d.make(make, shape[2], hidden, projSize ? { ...options, projSize } : options);
  const rows = numLayers * (bidirectional ? 2 : 1);
  // What a cell of the registry has for a state is its own affair: those begin with zeros.
  const state =
    CLASSES.includes(make) && d.chance(0.5)
      ? stateWidths(make, hidden, projSize).map((width) => d.like([rows, batch, width]))
      : undefined;
  const ends = Array.from({ length: batch }, () => d.int(0, time));
  const lengths = d.chance(0.5) ? ends : d.integers([batch], 0, time);
  return [made, x, state, d.chance(0.5) ? { lengths } : {}];
}

export const LAYERS = { run: layer };
