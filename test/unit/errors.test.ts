import { describe, expect, test, vi } from 'vitest';
import * as lethe from '../../src/index';
import {
  ArgumentError,
  DeviceError,
  DTypeError,
  GraphError,
  IndexError,
  LetheError,
  openDevice,
  OutOfMemoryError,
  ShapeError,
  tensor,
} from '../../src/index';
import type { Device, DType, Tensor } from '../../src/index';
import { CpuBackend } from '../../src/backend/cpu/cpu_backend';
import { Device as DeviceClass } from '../../src/tensor/device';
import { CELLS } from '../setup/cells';

const device = await openDevice('cpu');
const other = await openDevice('cpu', { reference: true });

/** Zeros of a shape; `tensor` writes and runs no kernel. */
function of(shape: number[], dtype: DType = 'f32', on: Device = device): Tensor {
  const size = shape.reduce((product, n) => product * n, 1);
  return tensor(on, new Array<number>(size).fill(0), shape, { dtype });
}

const ids = (values: number[], shape?: number[]): Tensor =>
  tensor(device, values, shape, { dtype: 'i32' });
const away = (shape: number[]): Tensor => of(shape, 'f32', other);
const leaf = (values: number[]): Tensor =>
  tensor(device, values, undefined, { requiresGrad: true });
const generator = (on: Device = device): lethe.Generator => new lethe.Generator(on, 0);

/** Of a plain cell on inputs of 4. */
const rnn = { weight_ih: of([3, 4]), weight_hh: of([3, 3]) };
const ragged = (): lethe.RaggedBatch => new lethe.RaggedBatch(device, [2, 1], 2);

const linearLoss = (options: lethe.LinearCrossEntropyOptions): Tensor =>
  lethe.linearCrossEntropy(of([1, 2]), of([4, 2]), undefined, ids([0]), options);

type ErrorClass = new (message: string) => LetheError;
type Row = readonly [title: string, error: ErrorClass, message: RegExp, call: () => unknown];

const CREATION: readonly Row[] = [
  [
    'too few values',
    ShapeError,
    /tensor: 3 values do not fill shape \[2, 2\], which has 4/,
    () => tensor(device, [1, 2, 3], [2, 2]),
  ],
  [
    'too many values',
    ShapeError,
    /tensor: 2 values do not fill shape \[\]/,
    () => tensor(device, [1, 2], []),
  ],
  ['a negative size', ShapeError, /shape \[-1, 2\]/, () => tensor(device, [], [-1, 2])],
  ['a broken size', ShapeError, /shape \[1.5\]/, () => lethe.zeros(device, [1.5])],
  [
    'nine dimensions',
    ShapeError,
    /\[1, 1, 1, 1, 1, 1, 1, 1, 1\] has more than 8/,
    () => lethe.full(device, [1, 1, 1, 1, 1, 1, 1, 1, 1], 0),
  ],
  [
    'a gradient for ids',
    DTypeError,
    /requiresGrad needs f32 or f64, not i32/,
    () => tensor(device, [1], [1], { dtype: 'i32', requiresGrad: true }),
  ],
  [
    'a gradient for filled ids',
    DTypeError,
    /requiresGrad needs f32 or f64, not u32/,
    () => lethe.ones(device, [1], { dtype: 'u32', requiresGrad: true }),
  ],
  [
    'more bytes than a buffer takes',
    OutOfMemoryError,
    /1073741825 x f32 needs 4294967300 bytes/,
    () => lethe.zeros(device, [2 ** 30 + 1]),
  ],
  ['a write of another length', ShapeError, /write: 1 values .* \[2\]/, () => of([2]).write([1])],
  ['a negative seed', ArgumentError, /seed = -1;/, () => new lethe.Generator(device, -1)],
  ['a broken seed', ArgumentError, /seed = 0.5;/, () => new lethe.Generator(device, 0.5)],
  ['a long seed', ArgumentError, /seed = 4294967296;/, () => new lethe.Generator(device, 2 ** 32)],
];

const POINTWISE: readonly Row[] = [
  [
    'add of shapes that do not broadcast',
    ShapeError,
    /add: shapes \[2, 3\] and \[2\] do not broadcast/,
    () => lethe.add(of([2, 3]), of([2])),
  ],
  ['mul with 0 sizes', ShapeError, /mul: .*\[0\] and \[2\]/, () => lethe.mul(of([0]), of([2]))],
  ['exp of ids', DTypeError, /exp: x is i32; f32 or f64/, () => lethe.exp(ids([1]))],
  ['add of ids', DTypeError, /add: b is i32; f32 or f64/, () => lethe.add(of([1]), ids([1]))],
  [
    'sub of two dtypes',
    DTypeError,
    /sub: a is f32 and b f64/,
    () => lethe.sub(of([1]), of([1], 'f64')),
  ],
  [
    'div across devices',
    DeviceError,
    /div: a lives on CPU, b on CPU \(reference kernels\)/,
    () => lethe.div(of([1]), away([1])),
  ],
  [
    'where of three shapes',
    ShapeError,
    /where: shapes \[2\] and \[3\] and \[1\]/,
    () => lethe.where(of([2]), of([3]), of([1])),
  ],
  [
    'where with an i32 condition',
    DTypeError,
    /where: condition is i32/,
    () => lethe.where(ids([1]), of([1]), of([1])),
  ],
  [
    'where across devices',
    DeviceError,
    /where: condition lives on .*, b on/,
    () => lethe.where(of([1]), of([1]), away([1])),
  ],
  [
    'clamp with min above max',
    ArgumentError,
    /clamp: min = 2 is above max = 1/,
    () => lethe.clamp(of([1]), { min: 2, max: 1 }),
  ],
  ['clamp without bounds', ArgumentError, /clamp: give min, max/, () => lethe.clamp(of([1]), {})],
  [
    'dropout with p above 1',
    ArgumentError,
    /dropout: p = 1.5/,
    () => lethe.dropout(of([1]), 1.5, generator()),
  ],
  [
    'dropout with p below 0',
    ArgumentError,
    /dropout: p = -0.1/,
    () => lethe.dropout(of([1]), -0.1, generator()),
  ],
  [
    'dropout with p NaN',
    ArgumentError,
    /dropout: p = NaN/,
    () => lethe.dropout(of([1]), NaN, generator()),
  ],
  [
    'dropout with a generator elsewhere',
    DeviceError,
    /dropout: x lives on CPU, generator on/,
    () => lethe.dropout(of([1]), 0.5, generator(other)),
  ],
];

const PRODUCTS: readonly Row[] = [
  [
    'matmul with other inner sizes',
    ShapeError,
    /matmul: a \[2, 3\] has inner size 3, b \[4, 2\] has 4/,
    () => lethe.matmul(of([2, 3]), of([4, 2])),
  ],
  [
    'matmul transposed',
    ShapeError,
    /matmul: a \[2, 3\] transposed has inner size 2, b \[3, 4\] has 3/,
    () => lethe.matmul(of([2, 3]), of([3, 4]), { transposeA: true }),
  ],
  [
    'matmul of batches',
    ShapeError,
    /matmul: shapes \[2\] and \[3\] do not broadcast/,
    () => lethe.matmul(of([2, 1, 1]), of([3, 1, 1])),
  ],
  [
    'matmul of a vector that is too long',
    ShapeError,
    /matmul: .* inner size 4, b \[3, 2\] has 3/,
    () => lethe.matmul(of([4]), of([3, 2])),
  ],
  [
    'matmul with a scalar',
    ShapeError,
    /matmul: a has shape \[\], b \[2, 2\]/,
    () => lethe.matmul(of([]), of([2, 2])),
  ],
  [
    'matmul of two dtypes',
    DTypeError,
    /matmul: a is f32 and b f64/,
    () => lethe.matmul(of([1, 1]), of([1, 1], 'f64')),
  ],
  [
    'matmul across devices',
    DeviceError,
    /matmul: a lives on/,
    () => lethe.matmul(of([1, 1]), away([1, 1])),
  ],
  [
    'linear with another width',
    ShapeError,
    /linear: x has shape \[2, 3\], weight \[4, 5\]/,
    () => lethe.linear(of([2, 3]), of([4, 5])),
  ],
  [
    'linear with a weight of 3 dimensions',
    ShapeError,
    /linear: .* weight \[4, 3, 1\]/,
    () => lethe.linear(of([2, 3]), of([4, 3, 1])),
  ],
  [
    'linear with another bias',
    ShapeError,
    /linear: bias has shape \[3\]; \[4\] is needed/,
    () => lethe.linear(of([2, 3]), of([4, 3]), of([3])),
  ],
  [
    'linear with a bias elsewhere',
    DeviceError,
    /linear: x lives on .*, bias on/,
    () => lethe.linear(of([2, 3]), of([4, 3]), away([4])),
  ],
  [
    'linear with an unknown activation',
    ArgumentError,
    /linear: activation = gelu; choose one of tanh, relu, sigmoid/,
    () => lethe.linear(of([2, 3]), of([4, 3]), undefined, { activation: 'gelu' as never }),
  ],
  [
    'scan of what is no cell',
    ArgumentError,
    /scan: cell = a plain object; use what defineCell gives/,
    () => lethe.scan({} as never, of([3, 2, 4]), rnn, [of([2, 3])]),
  ],
  [
    'scan without recurrent weights',
    ArgumentError,
    /scan: weight_hh is missing, and rnn-tanh needs it/,
    () => lethe.scan(CELLS.rnn, of([3, 2, 4]), { weight_ih: of([3, 4]) }, [of([2, 3])]),
  ],
  [
    'scan with recurrent weights that the cell lacks',
    ArgumentError,
    /scan: weight_hh is given, and indrnn has none/,
    () => lethe.scan(CELLS.indrnn, of([3, 2, 4]), { ...rnn, vectors: [of([3])] }, [of([2, 3])]),
  ],
  [
    'scan without a vector',
    ArgumentError,
    /scan: weight_u is missing, and indrnn needs it/,
    () => lethe.scan(CELLS.indrnn, of([3, 2, 4]), { weight_ih: of([3, 4]) }, [of([2, 3])]),
  ],
  [
    'scan with one bias of two',
    ArgumentError,
    /scan: bias_hh is missing, and rnn-tanh needs it beside bias_ih/,
    () => lethe.scan(CELLS.rnn, of([3, 2, 4]), { ...rnn, bias_ih: of([3]) }, [of([2, 3])]),
  ],
  [
    'scan with a state too few',
    ArgumentError,
    /scan: the state has 1 parts; lstm has h, c/,
    () => lethe.scan(CELLS.lstm, of([3, 2, 4]), rnn, [of([2, 3])]),
  ],
  [
    'scan with an input of two dimensions',
    ShapeError,
    /scan: the input has shape \[2, 4\].*\[time, batch, input\]/,
    () => lethe.scan(CELLS.rnn, of([2, 4]), rnn, [of([2, 3])]),
  ],
  [
    'scan with weights of another width',
    ShapeError,
    /scan: weight_ih has shape \[3, 4\]; \[3, 5\] is needed/,
    () => lethe.scan(CELLS.rnn, of([3, 2, 5]), rnn, [of([2, 3])]),
  ],
  [
    'scan with a state of another batch',
    ShapeError,
    /scan: h0 has shape \[1, 3\]; \[2, 3\] is needed/,
    () => lethe.scan(CELLS.rnn, of([3, 2, 4]), rnn, [of([1, 3])]),
  ],
  [
    'scan of a ragged batch with a row too many',
    ShapeError,
    /scan: x has shape \[4, 4\]; \[3, input\] is needed, a row for each step/,
    () => lethe.scan(CELLS.rnn, of([4, 4]), rnn, [of([2, 3])], { ragged: ragged() }),
  ],
  [
    'scan of a ragged batch through two layers',
    ArgumentError,
    /scan: a ragged batch goes through one layer at a time/,
    () => lethe.scan(CELLS.rnn, of([3, 4]), [rnn, rnn], [of([2, 2, 3])], { ragged: ragged() }),
  ],
  [
    'scan with a first step of another width',
    ShapeError,
    /scan: firstStep has shape \[2, 4\]; \[2, 3\] is needed/,
    () => lethe.scan(CELLS.rnn, of([3, 2, 4]), rnn, [of([2, 3])], { firstStep: of([2, 4]) }),
  ],
  [
    'scan with a first step of a cell that sees a gate apart',
    ArgumentError,
    /scan: firstStep is for one layer of a cell that sees no gate apart/,
    () =>
      lethe.scan(
        CELLS.gru,
        of([3, 2, 4]),
        { weight_ih: of([9, 4]), weight_hh: of([9, 3]) },
        [of([2, 3])],
        {
          firstStep: of([2, 9]),
        },
      ),
  ],
  [
    'a ragged batch that grows',
    ArgumentError,
    /RaggedBatch: batchSizes\[1\] = 2; a whole number from 1 to 1 is needed/,
    () => new lethe.RaggedBatch(device, [1, 2], 2),
  ],
  [
    'a ragged batch of nothing',
    ArgumentError,
    /RaggedBatch: batchSizes = a list; a list with the sequences/,
    () => new lethe.RaggedBatch(device, [], 2),
  ],
];

const REDUCTIONS: readonly Row[] = [
  ['sum of ids', DTypeError, /sum: x is i32/, () => lethe.sum(ids([1]))],
  [
    'sum over a dimension outside',
    ArgumentError,
    /dim = 2 is outside a tensor of 2 dimensions/,
    () => lethe.sum(of([2, 3]), { dim: 2 }),
  ],
  [
    'mean over one before the first',
    ArgumentError,
    /dim = -3 is outside/,
    () => lethe.mean(of([2, 3]), { dim: -3 }),
  ],
  ['a broken dimension', ArgumentError, /dim = 0.5/, () => lethe.sum(of([2, 3]), { dim: 0.5 })],
  [
    'a dimension named twice',
    ArgumentError,
    /amax: dim = \[0, -2\] names a dimension twice/,
    () => lethe.amax(of([2, 3]), { dim: [0, -2] }),
  ],
  [
    'amax over nothing',
    ShapeError,
    /amax: nothing to choose/,
    () => lethe.amax(of([2, 0]), { dim: 1 }),
  ],
  [
    'argmax over nothing',
    ShapeError,
    /argmax: dimension 1 of shape \[2, 0\] is empty/,
    () => lethe.argmax(of([2, 0]), 1),
  ],
  ['argmax of ids', DTypeError, /argmax: x is i32/, () => lethe.argmax(ids([1]), 0)],
  [
    'softmax outside',
    ArgumentError,
    /dim = 1 is outside a tensor of 1 dim/,
    () => lethe.softmax(of([2]), 1),
  ],
  ['logSoftmax of ids', DTypeError, /logSoftmax: x is i32/, () => lethe.logSoftmax(ids([1]), 0)],
];

const MOVEMENT: readonly Row[] = [
  [
    'reshape to another size',
    ShapeError,
    /reshape: shape \[2, 3\] \(6 elements\) does not fit \[4\]/,
    () => lethe.reshape(of([2, 3]), [4]),
  ],
  [
    'reshape with two sizes unknown',
    ShapeError,
    /does not fit \[-1, -1\]/,
    () => lethe.reshape(of([2, 3]), [-1, -1]),
  ],
  [
    'reshape with an unknown size that is no integer',
    ShapeError,
    /reshape: shape \[2, 3\] .* does not fit \[-1, 4\]/,
    () => lethe.reshape(of([2, 3]), [-1, 4]),
  ],
  [
    'reshape to broken sizes',
    ShapeError,
    /does not fit \[1.5, 4\]/,
    () => lethe.reshape(of([2, 3]), [1.5, 4]),
  ],
  [
    'reshape to negative sizes',
    ShapeError,
    /does not fit \[-2, -3\]/,
    () => lethe.reshape(of([2, 3]), [-2, -3]),
  ],
  [
    'reshape to nine dimensions',
    ShapeError,
    /more than 8/,
    () => lethe.reshape(of([1]), [1, 1, 1, 1, 1, 1, 1, 1, 1]),
  ],
  [
    'reshape of nothing with a size unknown',
    ShapeError,
    /does not fit \[0, -1\]/,
    () => lethe.reshape(of([0]), [0, -1]),
  ],
  [
    'permute with too few',
    ArgumentError,
    /permute: dims = \[0\] .* \[2, 3\]/,
    () => lethe.permute(of([2, 3]), [0]),
  ],
  [
    'permute with one twice',
    ArgumentError,
    /permute: dims = \[0, 0\]/,
    () => lethe.permute(of([2, 3]), [0, 0]),
  ],
  [
    'permute outside',
    ArgumentError,
    /dims = 2 is outside/,
    () => lethe.permute(of([2, 3]), [0, 2]),
  ],
  [
    'transpose outside',
    ArgumentError,
    /dim1 = 2 is outside/,
    () => lethe.transpose(of([2, 3]), 0, 2),
  ],
  [
    'expand that shrinks',
    ShapeError,
    /expand: shape \[2, 3\] does not repeat to \[1, 3\]/,
    () => lethe.expand(of([2, 3]), [1, 3]),
  ],
  [
    'expand that does not fit',
    ShapeError,
    /expand: shapes \[2\] and \[3\]/,
    () => lethe.expand(of([2]), [3]),
  ],
  ['slice outside', ArgumentError, /dim = 1 is outside/, () => lethe.slice(of([2]), 1)],
  [
    'slice with step 0',
    ArgumentError,
    /slice: step = 0/,
    () => lethe.slice(of([2]), 0, { step: 0 }),
  ],
  [
    'slice with a broken start',
    ArgumentError,
    /slice: start = 0.5/,
    () => lethe.slice(of([4]), 0, { start: 0.5 }),
  ],
  ['cat of nothing', ArgumentError, /cat: the list of tensors is empty/, () => lethe.cat([])],
  [
    'cat of other sizes',
    ShapeError,
    /cat: tensors\[1\] has shape \[2, 4\], tensors\[0\] \[2, 3\]/,
    () => lethe.cat([of([2, 3]), of([2, 4])]),
  ],
  ['cat of other ranks', ShapeError, /cat: tensors\[1\]/, () => lethe.cat([of([2]), of([2, 1])])],
  [
    'cat of two dtypes',
    DTypeError,
    /cat: .*f64.*f32|cat: .*f32.*f64/,
    () => lethe.cat([of([2]), of([2], 'f64')]),
  ],
  [
    'cat across devices',
    DeviceError,
    /cat: tensors\[0\] lives on .*, tensors\[1\] on/,
    () => lethe.cat([of([2]), away([2])]),
  ],
  ['stack of nothing', ArgumentError, /stack: the list/, () => lethe.stack([])],
  [
    'stack of two shapes',
    ShapeError,
    /stack: tensors\[1\] has shape \[3\], tensors\[0\] \[2\]/,
    () => lethe.stack([of([2]), of([3])]),
  ],
  ['stack outside', ArgumentError, /dim = 2 is outside/, () => lethe.stack([of([2])], 2)],
  [
    'split into other sizes',
    ShapeError,
    /split: the sizes \[1, 1\] add up to 2; dimension 0 of x, of shape \[3\], has 3/,
    () => lethe.split(of([3]), [1, 1]),
  ],
  ['split by none', ArgumentError, /split: sizes has 0;/, () => lethe.split(of([3]), 0)],
  ['split by a half', ArgumentError, /sizes has 1.5/, () => lethe.split(of([3]), [1.5, 1.5])],
  ['unbind outside', ArgumentError, /dim = 0 is outside/, () => lethe.unbind(of([]))],
];

const INDEXING: readonly Row[] = [
  [
    'embedding of an id above',
    IndexError,
    /embedding: ids holds 5 at position 2 of shape \[2, 2\]; ids run from 0 to 4/,
    () => lethe.embedding(ids([0, 4, 5, 9], [2, 2]), of([5, 3])),
  ],
  [
    'embedding of an id below',
    IndexError,
    /embedding: ids holds -1 at position 0/,
    () => lethe.embedding(ids([-1]), of([5, 3])),
  ],
  [
    'embedding of ids under another shape',
    IndexError,
    /holds 7 at position 1 of shape \[2, 1\]/,
    () => lethe.embedding(lethe.reshape(ids([0, 7]), [2, 1]), of([5, 3])),
  ],
  [
    'embedding of floats',
    DTypeError,
    /embedding: ids is f32/,
    () => lethe.embedding(of([1]), of([5, 3])),
  ],
  [
    'embedding from 1 dimension',
    ShapeError,
    /embedding: weight has shape \[5\]/,
    () => lethe.embedding(ids([0]), of([5])),
  ],
  [
    'embedding across devices',
    DeviceError,
    /embedding: weight lives on .*, ids on/,
    () => lethe.embedding(ids([0]), away([5, 3])),
  ],
  [
    'gather of an index above',
    IndexError,
    /gather: index holds 3 at position 1 of shape \[2, 1\]/,
    () => lethe.gather(of([2, 3]), 1, ids([0, 3], [2, 1])),
  ],
  [
    'gather by another shape',
    ShapeError,
    /gather: index has shape \[3, 1\], x \[2, 3\]/,
    () => lethe.gather(of([2, 3]), 1, ids([0, 0, 0], [3, 1])),
  ],
  [
    'gather outside',
    ArgumentError,
    /dim = 2 is outside/,
    () => lethe.gather(of([2, 3]), 2, ids([0, 0], [2, 1])),
  ],
  [
    'scatterAdd of another source',
    ShapeError,
    /scatterAdd: source has shape \[2\], index \[1\]/,
    () => lethe.scatterAdd(of([3]), 0, ids([0]), of([2])),
  ],
  [
    'scatterAdd of an index above',
    IndexError,
    /scatterAdd: index holds 3 at position 0/,
    () => lethe.scatterAdd(of([3]), 0, ids([3]), of([1])),
  ],
  [
    'oneHot of an id above',
    IndexError,
    /oneHot: ids holds 3 at position 1 .* from 0 to 2/,
    () => lethe.oneHot(ids([0, 3]), 3),
  ],
  ['oneHot of floats', DTypeError, /oneHot: ids is f32/, () => lethe.oneHot(of([1]), 3)],
  [
    'crossEntropy of a class above',
    IndexError,
    /crossEntropy: targets holds 4 at position 1 of shape \[2\]; ids run from 0 to 3/,
    () => lethe.crossEntropy(of([2, 4]), ids([0, 4])),
  ],
  [
    'crossEntropy of -100 where another number is ignored',
    IndexError,
    /crossEntropy: targets holds -100/,
    () => lethe.crossEntropy(of([1, 4]), ids([-100]), { ignoreIndex: 0 }),
  ],
  [
    'crossEntropy of other targets',
    ShapeError,
    /crossEntropy: targets has shape \[3\]; \[2\] is needed/,
    () => lethe.crossEntropy(of([2, 4]), ids([0, 0, 0])),
  ],
  [
    'crossEntropy of 1 dimension',
    ShapeError,
    /crossEntropy: logits have shape \[4\]/,
    () => lethe.crossEntropy(of([4]), ids([0])),
  ],
  [
    'crossEntropy of float targets',
    DTypeError,
    /crossEntropy: targets is f32/,
    () => lethe.crossEntropy(of([1, 4]), of([1])),
  ],
  [
    'crossEntropy across devices',
    DeviceError,
    /crossEntropy: logits lives on .*, targets on/,
    () => lethe.crossEntropy(away([1, 4]), ids([0])),
  ],
  [
    'crossEntropy with an unknown reduction',
    ArgumentError,
    /crossEntropy: reduction = average/,
    () => lethe.crossEntropy(of([1, 4]), ids([0]), { reduction: 'average' as never }),
  ],
  [
    'crossEntropy smoothed by more than all',
    ArgumentError,
    /crossEntropy: labelSmoothing = 1.5; a number from 0 to 1 is needed/,
    () => lethe.crossEntropy(of([1, 4]), ids([0]), { labelSmoothing: 1.5 }),
  ],
  [
    'crossEntropy smoothed by NaN',
    ArgumentError,
    /crossEntropy: labelSmoothing = NaN/,
    () => lethe.crossEntropy(of([1, 4]), ids([0]), { labelSmoothing: NaN }),
  ],
  [
    'crossEntropy with a weight for each target',
    ShapeError,
    /crossEntropy: weight has shape \[1\]; \[4\] is needed/,
    () => lethe.crossEntropy(of([1, 4]), ids([0]), { weight: of([1]) }),
  ],
  [
    'crossEntropy with integer weights',
    DTypeError,
    /crossEntropy: weight is i32/,
    () => lethe.crossEntropy(of([1, 4]), ids([0]), { weight: ids([1, 1, 1, 1]) }),
  ],
  [
    'crossEntropy with a list of weights',
    ArgumentError,
    /crossEntropy: weight = /,
    () => lethe.crossEntropy(of([1, 4]), ids([0]), { weight: [1, 1, 1, 1] as never }),
  ],
  [
    'crossEntropy with weights that want a gradient',
    ArgumentError,
    /crossEntropy: weight wants a gradient, and gets none; detach it/,
    () => lethe.crossEntropy(of([1, 4]), ids([0]), { weight: leaf([1, 1, 1, 1]) }),
  ],
  [
    'linearCrossEntropy smoothed by less than nothing',
    ArgumentError,
    /linearCrossEntropy: labelSmoothing = -1; a number from 0 to 1 is needed/,
    () => linearLoss({ labelSmoothing: -1 }),
  ],
  [
    'linearCrossEntropy with a weight for each target',
    ShapeError,
    /linearCrossEntropy: options.weight has shape \[1\]; \[4\] is needed/,
    () => linearLoss({ weight: of([1]) }),
  ],
  [
    'linearCrossEntropy with integer weights',
    DTypeError,
    /linearCrossEntropy: options.weight is i32/,
    () => linearLoss({ weight: ids([1, 1, 1, 1]) }),
  ],
  [
    'linearCrossEntropy with a list of weights',
    ArgumentError,
    /linearCrossEntropy: options.weight = /,
    () => linearLoss({ weight: [1, 1, 1, 1] as never }),
  ],
  [
    'linearCrossEntropy with weights elsewhere',
    DeviceError,
    /linearCrossEntropy: .*options.weight on/,
    () => linearLoss({ weight: away([4]) }),
  ],
  [
    'linearCrossEntropy with weights that want a gradient',
    ArgumentError,
    /linearCrossEntropy: options.weight wants a gradient, and gets none; detach it/,
    () => linearLoss({ weight: leaf([1, 1, 1, 1]) }),
  ],
];

const BACKWARD: readonly Row[] = [
  [
    'of another shape of gradient',
    ShapeError,
    /backward: gradient has shape \[3\], root \[2\]/,
    () => lethe.backward(leaf([1, 2]), { gradient: of([3]) }),
  ],
  [
    'of another dtype of gradient',
    DTypeError,
    /backward: .*f64/,
    () => lethe.backward(leaf([1, 2]), { gradient: of([2], 'f64') }),
  ],
  [
    'of a gradient elsewhere',
    DeviceError,
    /backward: .*gradient/,
    () => lethe.backward(leaf([1, 2]), { gradient: away([2]) }),
  ],
  ['without a graph', GraphError, /backward: no operation/, () => lethe.backward(of([1]))],
  [
    'of more than a scalar',
    GraphError,
    /backward: the root has shape \[2\]/,
    () => lethe.backward(leaf([1, 2])),
  ],
];

describe.each([
  ['creation', CREATION],
  ['pointwise', POINTWISE],
  ['products and gates', PRODUCTS],
  ['reductions', REDUCTIONS],
  ['movement', MOVEMENT],
  ['indexing and losses', INDEXING],
  ['backward', BACKWARD],
] as const)('refused before any kernel: %s', (_, rows) => {
  test.each(rows)('%s', (_title, type, message, call) => {
    const runs = [device, other].map((on) => vi.spyOn(on.backend, 'run'));
    try {
      let thrown: unknown;
      try {
        lethe.scope(call);
      } catch (error) {
        thrown = error;
      }
      expect(thrown).toBeInstanceOf(LetheError);
      const { name, message: text, constructor } = thrown as LetheError;
      // The class itself, not one below it.
      expect(constructor, text).toBe(type);
      expect(name).toBe(type.name);
      expect(text).toMatch(message);
      for (const run of runs) expect(run).not.toHaveBeenCalled();
    } finally {
      for (const run of runs) run.mockRestore();
    }
  });
});

describe('reading', () => {
  test('item() of more or less than one element', async () => {
    await expect(of([2]).item()).rejects.toThrow(ShapeError);
    await expect(of([2]).item()).rejects.toThrow(/item\(\) reads one element .* \[2\]; use data/);
    await expect(of([0]).item()).rejects.toThrow(ShapeError);
    expect(await of([1, 1]).item()).toBe(0);
  });
});

describe('devices', () => {
  test('an unknown kind', async () => {
    await expect(openDevice('gpu' as never)).rejects.toThrow(ArgumentError);
    await expect(openDevice('gpu' as never)).rejects.toThrow(/device = gpu; choose one of auto/);
  });

  test('a device without f64 says so', () => {
    const backend = new CpuBackend();
    Object.defineProperty(backend, 'dtypes', { value: ['f32', 'i32', 'u32'] });
    const single = new DeviceClass(backend, 'a test');
    const run = vi.spyOn(backend, 'run');
    for (const make of [
      () => tensor(single, [1], [1], { dtype: 'f64' }),
      () => lethe.zeros(single, [1], { dtype: 'f64' }),
      () => lethe.oneHot(tensor(single, [0], [1], { dtype: 'i32' }), 2, 'f64'),
    ]) {
      expect(make).toThrow(DTypeError);
      expect(make).toThrow(/holds f32, i32, u32, not f64/);
    }
    expect(run).not.toHaveBeenCalled();
  });

  test('a disposed device is a lost one', async () => {
    const gone = await openDevice('cpu');
    const x = tensor(gone, [1]);
    gone.dispose();
    expect(() => lethe.exp(x)).toThrow(lethe.DeviceLostError);
    expect(() => tensor(gone, [1])).toThrow(lethe.DeviceLostError);
    await expect(x.data()).rejects.toThrow(lethe.DeviceLostError);
    expect(await gone.lost).toBe('destroyed');
  });
});
