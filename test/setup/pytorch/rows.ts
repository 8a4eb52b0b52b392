/** What PyTorch has in Lethe's field, with its arguments, and where it is here. */
import { readFileSync } from 'node:fs';

import * as lethe from '../../../src/index';
import * as nn from '../../../src/nn/index';
import * as optim from '../../../src/optim/index';

export interface Row {
  /** PyTorch's name. */
  readonly torch: string;
  /** Its arguments, but for those that tell how it computes (`device`, `foreach`, `fused`, `capturable`, ...). */
  readonly takes?: string;
  /** Here: names of exports. */
  readonly here: string;
  /** Calls it with options, to hear which there are. */
  readonly call?: (options: object) => unknown;
  /** PyTorch's arguments that have another name here, or are given in another way. */
  readonly renamed?: Readonly<Record<string, string>>;
  /** A module of it, for the keys of its `stateDict()`. */
  readonly module?: () => nn.Module;
  /** The name that its cases in test/fixtures have. */
  readonly fixture?: string;
  /** A test of it besides, below test/. */
  readonly test?: string;
  readonly note?: string;
}

export const device = await lethe.openDevice('cpu');
const x = lethe.ones(device, [2, 2]);
const ids = lethe.tensor(device, [0, 1], [2], { dtype: 'i32' });
const layer =
  'input_size, hidden_size, num_layers, bias, batch_first, dropout, bidirectional, dtype';
const cell = 'input_size, hidden_size, bias, dtype';
const options = 'weight_decay, maximize';
const network = new nn.Linear(device, 2, 2);

/** What stands before the table of a section. */
export const INTRODUCTIONS: Readonly<Record<string, string>> = {
  'Recurrent layers and cells':
    "As in PyTorch, `dropout` acts between layers, not behind the last one: of one layer it drops nothing, and a warning says so. The module's " +
    '`train()` and `eval()` switch it on and off; `Trainer` and `evalMode` do that by themselves.',
  Losses:
    '`pos_weight` is a function of a few lines: ' +
    '[Class weights](tasks.md#class-weights-unbalanced-classes).',
  Schedules:
    'A schedule is a function: of the step, from 0, to a factor of the learning rate, as `LambdaLR` takes it. `Trainer` takes one as ' +
    '`schedule`. `CharTrainer` has settings instead, as they are kept in its file: `schedule` is a name (`constant`, `cosine`, `step` or ' +
    '`exponential`), with `warmup`, `scheduleSteps` and `gamma`; it refuses a function. With one of your own, a `Trainer` trains its ' +
    '`CharTask`. ' +
    'In a loop of your own, with `const rate = warmup(200, cosine(5000))`, it is ' +
    '`optimizer.lr = 2e-3 * rate(step)` before each step; there is no state of it to keep. The warm-up rises from 1 / 201 to 1 in ' +
    '200 steps, and the cosine counts from there: that is a run of 5,200. One by hand, for ' +
    '`new Trainer(device, task, { optimizer, schedule: inverseRoot(400) })`:\n\n' +
    `\`\`\`ts\n${readFileSync('docs/examples/schedule.ts', 'utf8')}\`\`\``,
};

export const SECTIONS: Readonly<Record<string, readonly Row[]>> = {
  'Recurrent layers and cells': [
    {
      ...{ torch: 'nn.LSTM', here: 'LSTM', fixture: 'LSTM', takes: `${layer}, proj_size` },
      call: (o) => new nn.LSTM(device, 2, 2, o),
      module: () => new nn.LSTM(device, 2, 3, { numLayers: 2, bidirectional: true, projSize: 2 }),
      note: 'Sequences of different lengths go in by `lengths` of `forward`, or packed.',
    },
    {
      ...{ torch: 'nn.GRU', here: 'GRU', fixture: 'GRU', takes: layer },
      call: (o) => new nn.GRU(device, 2, 2, o),
      module: () => new nn.GRU(device, 2, 3),
      note: '`projSize` is none of its options, as in PyTorch: only an LSTM has one.',
    },
    {
      ...{ torch: 'nn.RNN', here: 'RNN', fixture: 'RNN', takes: `${layer}, nonlinearity` },
      call: (o) => new nn.RNN(device, 2, 2, o),
      module: () => new nn.RNN(device, 2, 3),
    },
    {
      ...{ torch: 'nn.LSTMCell', here: 'LSTMCell', fixture: 'LSTMCell', takes: cell },
      call: (o) => new nn.LSTMCell(device, 2, 2, o),
      module: () => new nn.LSTMCell(device, 2, 3),
    },
    {
      ...{ torch: 'nn.GRUCell', here: 'GRUCell', fixture: 'GRUCell', takes: cell },
      call: (o) => new nn.GRUCell(device, 2, 2, o),
      module: () => new nn.GRUCell(device, 2, 3),
    },
    {
      ...{ torch: 'nn.RNNCell', here: 'RNNCell', fixture: 'RNNCell' },
      takes: `${cell}, nonlinearity`,
      call: (o) => new nn.RNNCell(device, 2, 2, o),
      module: () => new nn.RNNCell(device, 2, 3),
    },
    {
      ...{ torch: 'nn.utils.rnn.pack_padded_sequence', here: 'packPaddedSequence' },
      takes: 'input, lengths, batch_first, enforce_sorted',
      call: (o) => nn.packPaddedSequence(x, [2], o),
      renamed: { input: 'x' },
      test: 'unit/packed_sequence.test.ts',
    },
    {
      ...{ torch: 'nn.utils.rnn.pad_packed_sequence', here: 'padPackedSequence' },
      takes: 'sequence, batch_first, padding_value, total_length',
      call: (o) =>
        nn.padPackedSequence(nn.packPaddedSequence(lethe.ones(device, [2, 1, 1]), [2]), o),
      renamed: { sequence: 'packed' },
      test: 'unit/packed_sequence.test.ts',
    },
    {
      ...{ torch: 'nn.utils.rnn.pad_sequence', here: 'padSequence' },
      takes: 'sequences, batch_first, padding_value, padding_side',
      call: (o) => nn.padSequence([x], o),
      test: 'unit/packed_sequence.test.ts',
      note: 'Of tensors; `padSequences` of lethe/data pads lists of ids on the host, with lengths and mask.',
    },
  ],
  'Other modules': [
    {
      ...{ torch: 'nn.Linear', here: 'Linear', fixture: 'linear' },
      takes: 'in_features, out_features, bias, dtype',
      call: (o) => new nn.Linear(device, 2, 2, o),
      module: () => new nn.Linear(device, 2, 3),
    },
    {
      ...{ torch: 'nn.Embedding', here: 'Embedding', fixture: 'embedding' },
      takes:
        'num_embeddings, embedding_dim, padding_idx, max_norm, norm_type, scale_grad_by_freq, sparse, dtype',
      call: (o) => new nn.Embedding(device, 2, 2, o),
      module: () => new nn.Embedding(device, 5, 3),
      note: '`from_pretrained` is `Embedding.fromPretrained`. Padding needs no `padding_idx`: with `lengths` it gets no gradient.',
    },
    {
      ...{ torch: 'nn.Dropout', here: 'Dropout', takes: 'p, inplace', test: 'unit/nn.test.ts' },
      note: 'The generator is given: the same seed drops the same elements on all devices.',
    },
    {
      ...{ torch: 'nn.Sequential', here: 'Sequential', test: 'unit/nn.test.ts' },
      module: () => new nn.MLP(device, [2, 3, 1]),
      note: '`MLP` makes one of linear layers and activations.',
    },
    {
      ...{ torch: 'nn.Module', here: 'Module', test: 'unit/nn.test.ts' },
      note: 'Parameters and parts are properties; `layer.forward(x)` instead of `layer(x)`.',
    },
  ],
  Losses: [
    {
      ...{ torch: 'nn.CrossEntropyLoss', here: 'crossEntropy, linearCrossEntropy' },
      takes: 'input, target, weight, ignore_index, reduction, label_smoothing',
      renamed: { input: 'logits', target: 'targets' },
      call: (o) => lethe.crossEntropy(x, ids, o),
      fixture: 'crossEntropy',
      note: 'Targets are class ids. `linearCrossEntropy` has no `reduction`: it gives the mean, of the last layer and the loss in one. The mean over no targets is 0, PyTorch has NaN.',
    },
    {
      ...{ torch: 'nn.CTCLoss', here: 'ctcLoss', fixture: 'ctcLoss' },
      takes: 'log_probs, targets, input_lengths, target_lengths, blank, reduction, zero_infinity',
      renamed: { log_probs: 'logits' },
      call: (o) => lethe.ctcLoss(x, ids, o as never),
      note: 'From logits, unless `fromLogProbs`; [ctc.md](ctc.md) has the differences.',
    },
    {
      ...{
        torch: 'nn.MSELoss',
        here: 'mseLoss',
        takes: 'input, target, reduction',
        fixture: 'mseLoss',
      },
      call: (o) => lethe.mseLoss(x, x, o),
    },
    {
      ...{
        torch: 'nn.L1Loss',
        here: 'l1Loss',
        takes: 'input, target, reduction',
        fixture: 'l1Loss',
      },
      call: (o) => lethe.l1Loss(x, x, o),
    },
    {
      ...{ torch: 'nn.BCEWithLogitsLoss', here: 'binaryCrossEntropyWithLogits' },
      takes: 'input, target, weight, reduction, pos_weight',
      call: (o) => lethe.binaryCrossEntropyWithLogits(x, x, o),
      renamed: { weight: 'mask' },
      fixture: 'binaryCrossEntropyWithLogits',
      note: 'With a `mask` the mean is over the sum of the mask.',
    },
  ],
  Optimisers: [
    {
      ...{ torch: 'optim.SGD', here: 'SGD', fixture: 'SGD' },
      takes: `params, lr, momentum, dampening, nesterov, ${options}`,
      call: (o) => new optim.SGD(network, o),
      renamed: { params: 'parameters' },
    },
    {
      ...{ torch: 'optim.Adam', here: 'Adam', fixture: 'Adam' },
      takes: `params, lr, betas, eps, amsgrad, ${options}`,
      call: (o) => new optim.Adam(network, o),
      renamed: { params: 'parameters' },
    },
    {
      ...{ torch: 'optim.AdamW', here: 'AdamW', fixture: 'AdamW' },
      takes: `params, lr, betas, eps, amsgrad, ${options}`,
      call: (o) => new optim.AdamW(network, o),
      renamed: { params: 'parameters' },
    },
    {
      ...{ torch: 'optim.RMSprop', here: 'RMSprop', fixture: 'RMSprop' },
      takes: `params, lr, alpha, eps, momentum, centered, ${options}`,
      call: (o) => new optim.RMSprop(network, o),
      renamed: { params: 'parameters' },
    },
    {
      ...{ torch: 'optim.Adagrad', here: 'Adagrad', fixture: 'Adagrad' },
      takes: `params, lr, lr_decay, initial_accumulator_value, eps, ${options}`,
      call: (o) => new optim.Adagrad(network, o),
      renamed: { params: 'parameters' },
    },
    {
      ...{ torch: 'nn.utils.clip_grad_norm_', here: 'clipGradNorm', fixture: 'clipGradNorm' },
      takes: 'parameters, max_norm, norm_type, error_if_nonfinite',
      note: '`step({ maxNorm })` does the same in fewer dispatches, and skips a step that is not finite.',
    },
    {
      ...{ torch: 'nn.utils.clip_grad_value_', here: 'clipGradValue', fixture: 'clipGradValue' },
      takes: 'parameters, clip_value',
      renamed: { clip_value: 'limit' },
      note: 'Between `backward(loss)` and `optimizer.step()`: `clipGradValue(model, 1)`. `clipValue` of a `Trainer` does it there.',
    },
  ],
  Schedules: [
    {
      ...{ torch: 'lr_scheduler.StepLR', here: 'stepDecay', fixture: 'StepLR' },
      takes: 'step_size, gamma',
    },
    {
      ...{ torch: 'lr_scheduler.ExponentialLR', here: 'exponentialDecay', takes: 'gamma' },
      fixture: 'ExponentialLR',
    },
    {
      ...{ torch: 'lr_scheduler.CosineAnnealingLR', here: 'cosine', takes: 'T_max, eta_min' },
      renamed: { T_max: 'total', eta_min: 'floor' },
      fixture: 'CosineAnnealingLR',
      note: "`floor` is a factor of the rate, etaMin / lr. Past its end it rises again, as PyTorch's.",
    },
    {
      ...{ torch: 'lr_scheduler.LinearLR', here: 'linearRamp', fixture: 'LinearLR' },
      takes: 'start_factor, end_factor, total_iters',
      renamed: { start_factor: 'start', end_factor: 'end', total_iters: 'total' },
    },
    {
      ...{ torch: 'lr_scheduler.SequentialLR', here: 'warmup', test: 'unit/optim.test.ts' },
      note: 'A warm-up before any other schedule; a schedule is a function of the step, so others are one line.',
    },
  ],
  'Initial values and random numbers': [
    { torch: 'manual_seed', here: 'manualSeed', test: 'unit/nn.test.ts' },
    { torch: 'nn.init.uniform_', here: 'uniform', test: 'unit/nn.test.ts' },
    { torch: 'nn.init.normal_', here: 'normal', test: 'unit/nn.test.ts' },
    {
      ...{ torch: 'nn.init.orthogonal_', here: 'orthogonal', test: 'unit/nn.test.ts' },
      note: 'These give arrays, and write nothing in place. `recurrentInit` of the layers takes `orthogonal`.',
    },
  ],
  'Automatic differentiation': [
    {
      ...{ torch: 'Tensor.backward', here: 'backward', takes: 'self, gradient, retain_graph' },
      renamed: { self: 'root' },
      call: (o) => lethe.backward(lethe.scalar(device, 1), o),
      test: 'unit/autograd.test.ts',
    },
    { torch: 'no_grad', here: 'noGrad, evalMode', test: 'unit/autograd.test.ts' },
    { torch: 'Tensor.detach', here: 'detach', test: 'unit/autograd.test.ts' },
    { torch: 'Tensor.copy_', here: 'assign', test: 'unit/autograd.test.ts' },
    {
      ...{ torch: 'autograd.gradcheck', here: 'gradcheck', takes: 'func, inputs, eps, atol, rtol' },
      renamed: { func: 'body' },
      call: (o) => lethe.gradcheck(() => x, [x], o),
      test: 'unit/ops_gradcheck.test.ts',
    },
  ],
};

/** PyTorch's functions on tensors by the names here; where they are the same, once. */
export const FUNCTIONS: Readonly<Record<string, { torch?: string; note?: string }>> = {
  add: {},
  sub: {},
  mul: {},
  div: {},
  pow: { note: 'A negative base needs an integer exponent.' },
  maximum: {},
  minimum: {},
  neg: {},
  abs: {},
  exp: {},
  log: {},
  sqrt: {},
  square: {},
  reciprocal: {},
  sin: {},
  cos: {},
  sigmoid: {},
  tanh: {},
  relu: {},
  softplus: { torch: 'nn.functional.softplus' },
  clamp: {},
  where: {
    note: 'The condition is a tensor of 0 and other numbers, of the dtype of the operands.',
  },
  gt: { torch: 'gt, ge, lt, le, eq, ne', note: 'They give 1 and 0 in the dtype of the operands.' },
  matmul: { note: 'Takes transposes as options.' },
  linear: { torch: 'nn.functional.linear' },
  softmax: {},
  logSoftmax: { torch: 'log_softmax' },
  sum: {},
  mean: {},
  amax: {},
  argmax: {},
  reshape: { torch: 'reshape, view' },
  permute: {},
  transpose: {},
  expand: {},
  slice: { torch: 'x[a:b:c]' },
  cat: {},
  stack: {},
  split: {},
  unbind: {},
  gather: {},
  scatterAdd: { torch: 'scatter_add' },
  oneHot: { torch: 'nn.functional.one_hot' },
  embedding: { torch: 'nn.functional.embedding', note: 'Ids come first here, too.' },
  dropout: { torch: 'nn.functional.dropout' },
};

/** What PyTorch has and Lethe has not, and what to do. */
export const MISSING: readonly (readonly [torch: string, instead: string])[] = [
  ['nn.Conv1d, nn.Conv2d, nn.LayerNorm, nn.BatchNorm1d', 'none; Lethe is for recurrent networks'],
  ['nn.Transformer, nn.MultiheadAttention', '`Attention`: dot, general, additive, of one head'],
  ['nn.Bilinear, nn.EmbeddingBag', '`matmul`; `maskedMean` of an embedding'],
  ['nn.NLLLoss', '`crossEntropy`, of logits'],
  [
    'Recurrent (variational) dropout, zoneout, weight drop, which torch.nn has not either',
    'none for states and weights; one mask for all steps of an input of [time, batch, width] is `mul(x, dropout.forward(ones(device, [1, batch, width])))`',
  ],
  [
    'torch.autograd.Function: a gradient of your own',
    'operations, whose gradients come by themselves; a straight-through or reversed gradient by `detach`: [adding-an-op.md](adding-an-op.md#with-the-installed-package)',
  ],
  [
    'torch.autograd.set_detect_anomaly',
    '`findNonFinite` of lethe/optim names tensors, none names the operation: [When the loss is NaN](reliability.md#when-the-loss-is-nan)',
  ],
  ['float16, bfloat16', 'f32; f64 on the CPU'],
  ['DataLoader', '`bucketBatches`, `fixedBatches` of lethe/data'],
  ['several GPUs', 'one device'],
  ['Tensor methods: x.sum()', 'functions: `sum(x)`; nothing is updated in place by an operation'],
];
