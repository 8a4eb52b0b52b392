import { gather } from '../kernels/gather';
import type { Tensor } from '../tensor/tensor';
import { emptyLike, run } from './common';
import { rowsBy } from './indexing';
import { pack, unpack } from './pack';
import type { Scan } from './scan_call';
import { elementsOf, move } from './strided';

/** The states of all steps. */
export interface States {
  /** What the kernels work on, of every part the steps and behind them what was before the first. */
  readonly states: Tensor;
  /**
   * The memory that they are a part of, from `lead` on, where that is above 0: then what was output before the
   * first step lies before the first step's own, too, so that the outputs before all steps lie in a row.
   */
  readonly whole: Tensor;
  readonly lead: number;
}

/** Memory for the states of all steps, with those before the first in their places. */
export function statesOf(scan: Scan, like: Tensor, recording: boolean): States {
  const { state, sizes } = scan;
  const { rows, layers, batch, hidden } = sizes;
  const part = (rows + layers * batch) * hidden;
  const unit = like.device.backend.partElements;
  const lead = recording && leads(scan) ? Math.ceil((batch * hidden) / unit) * unit : 0;
  const whole = emptyLike(like, [lead + state.length * part]);
  const places = state.map((_, i) => lead + i * part + rows * hidden);
  if (lead > 0) pack([state[0], ...state], [lead - batch * hidden, ...places], whole);
  else pack(state, places, whole);
  return { whole, lead, states: lead > 0 ? whole.view([state.length * part], lead) : whole };
}

/** Whether the first output is needed in front: for the gradient of one layer's recurrent weights. */
function leads({ cell, sizes, reverse, ragged }: Scan): boolean {
  const { layers, time, batch } = sizes;
  return cell.dense && layers === 1 && time > 1 && batch > 0 && !reverse && !ragged;
}

/** The highest layer's output: a view of the states, or a copy where there are several layers. */
export function outputOf({ layers, sizes, ragged }: Scan, states: Tensor): Tensor {
  const { time, batch, hidden, rows } = sizes;
  if (ragged) return states.view([rows, hidden]);
  if (layers.length === 1) return states.view([time, batch, hidden]);
  return elementsOf(states, (layers.length - 1) * time * batch * hidden, [time, batch, hidden]);
}

/** The last state, in the shape of the first one. */
export function lastOf(
  { state, sizes, reverse, ragged, overwriteState }: Scan,
  states: Tensor,
): Tensor[] {
  const { layers, time, batch, hidden, rows } = sizes;
  const stride = (rows + layers * batch) * hidden;
  const last = state.map((part, i) => {
    const shared = state.some((other, j) => j !== i && other.shares(part));
    const over = overwriteState && !part.requiresGrad && !shared;
    return over ? part.view(part.shape) : emptyLike(states, part.shape);
  });
  if (ragged) {
    const { last: ids } = reverse ? ragged.reverse : ragged.forward;
    for (const [i, out] of last.entries()) {
      const own = i === 0 ? states : elementsOf(states, i * stride, [stride]);
      run(gather, { x: own, ids, out }, rowsBy(ids, rows + batch, hidden));
      if (out.storage === state[i].storage) out.bumpVersion();
    }
    return last;
  }
  const step = batch * hidden;
  const places = state.map((_, i) => i * stride + (reverse ? 0 : (time - 1) * step));
  if (layers === 1) unpack(states, places, last);
  else {
    for (const [i, part] of last.entries()) {
      const from = { offset: places[i], strides: [time * step, 1] };
      move(states, from, part, { strides: [step, 1] }, [layers, step]);
    }
  }
  return last;
}
