import { ShapeError } from '../errors';
import type { LayerTrace } from './trace';

/** A unit, and how it goes with a probe. */
export interface UnitMatch {
  readonly layer: number;
  readonly unit: number;
  /** Pearson's, from -1 to 1; 0 where the unit or the probe is constant, or not finite somewhere. */
  readonly correlation: number;
}

/**
 * The units' memory, [time, hidden], where meaning is looked for: what a cell carries beside its output,
 * by tanh, which holds it to -1 and 1 (tanh(c) of an LSTM); the output h of a cell that carries nothing else.
 */
export function memoryOf({ states }: LayerTrace): Float32Array {
  const [output, memory] = Object.values(states);
  return (memory as Float32Array | undefined)?.map(Math.tanh) ?? output;
}

/**
 * The units of all layers by how well their memory follows a probe: the strongest correlation first,
 * whatever its sign.
 *
 * @param probe a number for each character.
 * @throws ShapeError unless the probe is as long as the traces.
 */
export function findUnits(traces: readonly LayerTrace[], probe: ArrayLike<number>): UnitMatch[] {
  for (const { time } of traces) {
    if (probe.length === time) continue;
    throw new ShapeError(
      `findUnits: probe has ${probe.length} values, the trace ${time}; one for each character of ` +
        'the same text is needed',
    );
  }
  return traces
    .flatMap((trace) =>
      Array.from(correlations(memoryOf(trace), trace.hidden, probe), (correlation, unit) => ({
        ...{ layer: trace.layer, unit, correlation },
      })),
    )
    .sort((a, b) => Math.abs(b.correlation) - Math.abs(a.correlation));
}

/** Pearson's correlation of each column of `values`, [time, hidden], with the probe. */
function correlations(
  values: Float32Array,
  hidden: number,
  probe: ArrayLike<number>,
): Float64Array {
  const time = probe.length;
  const centred = centre(Float64Array.from(probe));
  const squares = centred.reduce((sum, p) => sum + p * p, 0);
  const column = new Float64Array(time);
  return Float64Array.from({ length: hidden }, (_, unit) => {
    for (let t = 0; t < time; t++) column[t] = values[t * hidden + unit];
    centre(column);
    let variance = 0;
    let covariance = 0;
    for (let t = 0; t < time; t++) {
      variance += column[t] * column[t];
      covariance += column[t] * centred[t];
    }
    const product = variance * squares;
    return product > 0 && product < Infinity ? covariance / Math.sqrt(product) : 0;
  });
}

/** Takes the mean off, in place. From the first value on, so that a constant becomes exact zeros. */
function centre(values: Float64Array): Float64Array {
  const [first] = values;
  let sum = 0;
  for (const value of values) sum += value - first;
  const mean = sum / values.length;
  for (let t = 0; t < values.length; t++) values[t] = values[t] - first - mean;
  return values;
}
