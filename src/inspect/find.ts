import { ShapeError } from '../errors';
import { centre, correlationOf, unitColumn } from './correlation';
import type { LayerTrace } from './trace';

/** A unit, and how it goes with a probe. */
export interface UnitMatch {
  /** From 0, the lowest. */
  readonly layer: number;
  /** Of its layer, from 0. */
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
  const sought = centre(probe);
  return traces
    .flatMap((trace) => {
      const memory = memoryOf(trace);
      return Array.from({ length: trace.hidden }, (_, unit) => {
        const values = centre(unitColumn(memory, trace.hidden, unit));
        return { layer: trace.layer, unit, correlation: correlationOf(values, sought) };
      });
    })
    .sort((a, b) => Math.abs(b.correlation) - Math.abs(a.correlation));
}
