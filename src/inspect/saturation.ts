import type { LayerTrace } from './trace';

/** A gate below this is left saturated: as good as shut. */
export const LEFT = 0.1;
/** A gate above this is right saturated: as good as open. */
export const RIGHT = 0.9;

/** Of each unit, [hidden], the share of the characters at which its gate is saturated; 0 to 1. */
export interface Saturation {
  /** The share at which the gate is below 0.1. */
  readonly left: Float32Array;
  /** The share at which the gate is above 0.9. */
  readonly right: Float32Array;
}

/**
 * How often each gate of each unit is below 0.1 and above 0.9, by gate: of those that open and shut, so
 * i, f and o of an LSTM, r and z of a GRU, nothing of a plain RNN.
 *
 * Source: Karpathy, Johnson and Fei-Fei (2015), section 4.2.
 */
export function gateSaturation({
  gates,
  opening,
  time,
  hidden,
}: LayerTrace): Record<string, Saturation> {
  const result: Record<string, Saturation> = {};
  for (const gate of opening) {
    const values = gates[gate];
    const left = new Float32Array(hidden);
    const right = new Float32Array(hidden);
    for (let at = 0; at < values.length; at++) {
      if (values[at] < LEFT) left[at % hidden]++;
      else if (values[at] > RIGHT) right[at % hidden]++;
    }
    const share = (count: number): number => count / time;
    result[gate] = { left: left.map(share), right: right.map(share) };
  }
  return result;
}
