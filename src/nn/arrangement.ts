import { RaggedBatch } from '../ops/ragged';
import { SequenceOrder } from '../ops/sequence_order';
import type { Device } from '../tensor/device';
import type { Tensor } from '../tensor/tensor';
import { reordered } from './layers';
import { packRows, padRows } from './packed_sequence';
import type { Padded } from './packing';
import type { RecurrentInput } from './recurrent_input';

/** How sequences of different lengths come into the order in which layers run over them, and back. */
export interface Arrangement {
  readonly ragged: RaggedBatch | SequenceOrder;
  /** A padded batch without its padding, [rows, ...]. */
  pack(x: Tensor): Tensor;
  /** The way back: zeros where there is padding. */
  pad(x: Tensor): Tensor;
  /** Parts of a state, [layers, batch, width], the longest sequence first. */
  sort(state: readonly Tensor[]): readonly Tensor[];
  /** The way back. */
  unsort(state: readonly Tensor[]): readonly Tensor[];
}

/** Of lengths that the host knows, or of a tensor of them; undefined where all have the same. */
export function arrangementOf(
  device: Device,
  padded: Padded,
  { packing, lengths }: Pick<RecurrentInput, 'packing' | 'lengths'>,
): Arrangement | undefined {
  const { time, batch, batchFirst } = padded;
  if (lengths) {
    const ragged = new SequenceOrder(lengths, time, { batchFirst });
    return {
      ragged,
      pack: (x) => ragged.pack(x),
      pad: (x) => ragged.pad(x),
      sort: (state) => state.map((part) => ragged.sort(part)),
      unsort: (state) => state.map((part) => ragged.unsort(part)),
    };
  }
  if (!packing) return undefined;
  const { batchSizes, sortedIndices, unsortedIndices } = packing;
  return {
    ragged: new RaggedBatch(device, batchSizes, batch),
    pack: (x) => packRows(x, packing, padded),
    pad: (x) => padRows(x, packing, padded),
    sort: (state) => (sortedIndices ? reordered(state, sortedIndices) : state),
    unsort: (state) => (unsortedIndices ? reordered(state, unsortedIndices) : state),
  };
}
