/** A character model's weights in the orders of the kernels that write text. */
import { Embedding } from '../nn/embedding';
import type { ScanCell } from '../nn/cells/scan_cell';
import { permute, transpose } from '../ops/axes';
import { linear } from '../ops/matmul';
import { cat, reshape } from '../ops/movement';
import { add } from '../ops/pointwise';
import { zeros } from '../tensor/tensor';
import type { Tensor } from '../tensor/tensor';
import type { CharModel } from './char_model';

/** What the first layer's input matrix makes of each character, [vocabulary, gates hidden]. */
export function tableOf({ embedding }: CharModel, weight_ih: Tensor): Tensor {
  return embedding instanceof Embedding
    ? linear(embedding.weight, weight_ih)
    : transpose(weight_ih, 0, 1);
}

/** What a layer adds and multiplies by unit, as the kernel takes it. */
export function vectorsOf({
  definition,
  weight_ih,
  bias_ih,
  bias_hh,
  vectors,
}: ScanCell): Tensor[] {
  const own = definition.vectors.map((name) => vectors[name]);
  const none = () => zeros(weight_ih.device, [weight_ih.shape[0]]);
  const input = bias_ih ?? none();
  if (definition.biased) return [input, bias_hh ?? none(), ...own];
  return [bias_hh ? add(input, bias_hh) : input, ...own];
}

/** A matrix as the kernel takes it, [columns, ceil(rows / 4), 4]. */
export function quads(matrix: Tensor): Tensor {
  const [rows, columns] = matrix.shape;
  const count = Math.ceil(rows / 4);
  const rest = 4 * count - rows;
  const whole = rest > 0 ? cat([matrix, zeros(matrix.device, [rest, columns])]) : matrix;
  return permute(reshape(whole, [4, count, columns]), [2, 1, 0]);
}

/** One behind the other. */
export function join(tensors: readonly Tensor[]): Tensor {
  return cat(tensors.map((each) => reshape(each, [-1])));
}
