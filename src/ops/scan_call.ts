import type { CellDefinition } from '../cell/definition';
import { scanParams } from '../kernels/scan_config';
import type { Tensor } from '../tensor/tensor';
import type { RaggedBatch } from './ragged';
import type { LayerWeights, SequenceInput, Sizes } from './scan_input';
import type { SequenceOrder } from './sequence_order';

/** What a node of the graph has of a scan, forward and back. */
export interface Scan {
  readonly cell: CellDefinition;
  readonly input: SequenceInput;
  readonly layers: readonly LayerWeights[];
  readonly state: readonly Tensor[];
  readonly sizes: Sizes;
  readonly reverse: boolean;
  readonly ragged: RaggedBatch | SequenceOrder | undefined;
  readonly firstStep: Tensor | undefined;
  readonly overwriteState: boolean;
  /**
   * Whether the kernels multiply by the recurrent weights. A single step is multiplied by a matmul
   * before, which needs no other layout of the weights.
   */
  readonly recurrent: boolean;
}

/** A layer's parameters, in the order of a node's inputs. */
export function parametersOf({
  weight_ih,
  weight_hh,
  bias_ih,
  bias_hh,
  vectors = [],
}: LayerWeights) {
  return [weight_ih, weight_hh, bias_ih, bias_hh, ...vectors].filter((x) => x !== undefined);
}

/** What the kernels of a call have in common. */
export function paramsOf({ sizes, reverse, ragged, recurrent }: Scan) {
  return scanParams({
    ...sizes,
    ...{ reverse: reverse ? 1 : 0, ragged: ragged ? 1 : 0, recurrent: recurrent ? 1 : 0 },
  });
}
