/**
 * Where the gradient of an answer flows. A layer is unrolled, and leaves of zeros are added to what each step hands on to
 * the next and to what it gives upwards: their gradients are those along the two ways.
 */
import {
  add,
  amax,
  backward,
  cat,
  dispose,
  reshape,
  scope,
  slice,
  stack,
  tensor,
  unbind,
  zeros,
} from '../../../src/index';
import type { Device, Tensor } from '../../../src/index';
import { withoutGradients } from '../../../src/inspect/without_gradients';
import type { AttentionMemory, Decoder, Encoder, Linear, Module } from '../../../src/nn/index';
import type { Gradients } from '../../learn/protocol';

type Layers = Pick<Encoder['rnn'], 'cells' | 'bidirectional'>;

/** A layer that ran over one sequence. */
export interface Watched {
  /** [time, 1, directions hidden] */
  readonly output: Tensor;
  /** After the last step of each direction; each part of [directions, 1, hidden]. */
  readonly state: readonly Tensor[];
  /** The leaves: of each direction the parts of the state, [time, 1, hidden], in order of time; and of the output. */
  readonly onward: readonly (readonly Tensor[])[];
  readonly up: Tensor;
  readonly inputs: Tensor;
}

/**
 * Runs one layer over a sequence of a batch of one.
 *
 * @param x [time, 1, input]; it becomes a leaf.
 * @param first each part of [1, 1, hidden], of one direction; zeros when left out.
 */
export function watch({ cells }: Layers, x: Tensor, first?: readonly Tensor[]): Watched {
  const [time] = x.shape;
  const leaf = (width: number): Tensor => zeros(x.device, [time, 1, width], { requiresGrad: true });
  x.requiresGrad = true;
  const directions = cells.map((cell, direction) => {
    const onward = cell.stateSizes.map(leaf);
    const added = onward.map((part) => unbind(part));
    const shared = cell.shared();
    const projected = unbind(cell.project(x));
    const outputs = new Array<Tensor>(time);
    let state = first ? first.map((part) => unbind(part)[0]) : cell.zeroState(1);
    for (let i = 0; i < time; i++) {
      const t = direction === 1 ? time - 1 - i : i;
      const next = cell.step(projected[t], state, shared);
      outputs[t] = next[0];
      state = next.map((part, p) => add(part, added[p][t]));
    }
    return { onward, output: stack(outputs), state };
  });
  const given =
    directions.length > 1
      ? cat(
          directions.map((one) => one.output),
          2,
        )
      : directions[0].output;
  const up = leaf(given.shape[2]);
  return {
    output: add(given, up),
    state: directions[0].state.map((_, p) => stack(directions.map(({ state }) => state[p]))),
    onward: directions.map(({ onward }) => onward),
    up,
    inputs: x,
  };
}

/**
 * The gradient of one number, such as a logit, along every arrow of a picture.
 *
 * @param run makes of a model that number, [1], and the layers that were watched, one after the other in the picture.
 */
export async function gradientsOf(
  model: Module,
  run: () => { readonly answer: Tensor; readonly layers: readonly Watched[] },
): Promise<Gradients> {
  const { answer, layers } = scope(() =>
    withoutGradients([model], () => {
      const found = run();
      backward(found.answer);
      return found;
    }),
  );
  const parts = await Promise.all(layers.map(normsOf)).finally(() => dispose({ answer, layers }));
  const column = (of: (part: (typeof parts)[number]) => readonly number[]): number[] =>
    parts.flatMap((part) => [...of(part)]);
  return {
    ahead: column(({ ahead }) => ahead),
    back: column(({ back, ahead }) => back ?? ahead.map(() => 0)),
    up: column(({ up }) => up),
    into: column(({ into }) => into),
  };
}

async function normsOf({ onward, up, inputs }: Watched) {
  return {
    ahead: await norms(onward[0]),
    back: onward.length > 1 ? await norms(onward[1]) : undefined,
    up: await norms([up]),
    into: await norms([inputs]),
  };
}

/** For each step, the norm over all parts; 0 where no way leads to them. */
async function norms(leaves: readonly Tensor[]): Promise<number[]> {
  const [time] = leaves[0].shape;
  const squares = new Array<number>(time).fill(0);
  for (const { grad } of leaves) {
    if (!grad) continue;
    const values = await grad.data();
    const width = values.length / time;
    for (let i = 0; i < values.length; i++) squares[Math.floor(i / width)] += values[i] ** 2;
  }
  return squares.map(Math.sqrt);
}

/** The largest number of a row of logits: what stands behind the answer there. */
export const largest = (logits: Tensor, row: number): Tensor =>
  amax(slice(logits, 0, { start: row, end: row + 1 }));

/** What a decoder's logits are made of: its states, and what attention finds for each. */
export function attended(
  { attention, combine }: Decoder,
  states: Tensor,
  memory: AttentionMemory | undefined,
): Tensor {
  if (!attention || !combine || !memory) return states;
  const { context } = attention.forward(states, memory);
  return combine.forward(cat([context, states], -1));
}

/** Ids of a sequence, [time, 1]. */
export const columnOf = (device: Device, ids: readonly number[]): Tensor =>
  tensor(device, ids, [ids.length, 1], { dtype: 'i32' });

/**
 * `gradientsOf` a network with an output at every step.
 *
 * @param parts its recurrent layer, and what makes logits of each state.
 * @param inputsOf makes what the layer reads, [time, 1, input].
 */
export function stepGradients(
  model: Module,
  { rnn, decoder }: { readonly rnn: Layers; readonly decoder: Linear },
  output: number | null,
  inputsOf: () => Tensor,
): Promise<Gradients> {
  return gradientsOf(model, () => {
    const layer = watch(rnn, inputsOf());
    const [time, , width] = layer.output.shape;
    const logits = decoder.forward(reshape(layer.output, [time, width]));
    return { answer: largest(logits, output ?? time - 1), layers: [layer] };
  });
}
