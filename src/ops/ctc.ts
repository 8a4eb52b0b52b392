import { record, recording } from '../autograd/graph';
import { ArgumentError, DTypeError, IndexError, ShapeError } from '../errors';
import { ctc, ctcScratch } from '../kernels/ctc';
import { scaleBy } from '../kernels/scale_by';
import { checkOptions, describeValue } from '../options';
import type { OptionNames } from '../options';
import { constantIds } from '../tensor/constant';
import { scope } from '../tensor/scope';
import { formatShape, sameShape } from '../tensor/shape';
import { Tensor } from '../tensor/tensor';
import { checkDevices, checkFloats, emptyLike, run } from './common';
import { reshape, slice } from './movement';
import { mul } from './pointwise';
import { checkReduction } from './pointwise_loss';
import type { Reduction } from './pointwise_loss';
import { sum } from './reduce';

/** What `ctcLoss` takes. */
export interface CTCLossOptions {
  /** Frames of each sequence, [batch]: a list, or an i32 tensor, which a recorded step reads anew. */
  inputLengths: ArrayLike<number> | Tensor;
  /** Labels of each sequence, [batch], likewise. */
  targetLengths: ArrayLike<number> | Tensor;
  /** The class that stands for no label. Defaults to 0. */
  blank?: number;
  /** Defaults to the mean over the batch of each loss divided by its number of labels, or by 1 without any. */
  reduction?: Reduction;
  /** Targets that do not fit into their frames have loss 0 instead of infinity. Defaults to false. */
  zeroInfinity?: boolean;
  /** Takes logarithms of probabilities as they are, without a softmax. Defaults to false. */
  fromLogProbs?: boolean;
}

const OPTIONS: OptionNames<CTCLossOptions> = {
  inputLengths: true,
  targetLengths: true,
  blank: true,
  reduction: true,
  zeroInfinity: 'boolean',
  fromLogProbs: 'boolean',
};

const OWNER = 'ctcLoss';

/**
 * The connectionist temporal classification loss, in nats: -log of the probability that a path of one class
 * a frame, drawn from softmax(logits), spells the targets once equal neighbours are merged and blanks are
 * dropped. Nobody needs to know which frame has which label. As PyTorch's `CTCLoss` over `logSoftmax`, which
 * is part of it; one node of the graph.
 *
 * Targets that need more frames than they have, one for each label and one more between equal neighbours,
 * have loss infinity, or 0 with `zeroInfinity`; their gradient is 0 either way. So on the CPU have targets of
 * probability 0; a GPU may give them a large loss. Frames behind the end of a sequence count nothing, whatever
 * they hold, and have gradient 0. With `fromLogProbs` the gradient is the true one with respect to them, where
 * PyTorch's takes for granted that a log-softmax came before.
 *
 * NaN or Infinity in a frame that counts is a loss of NaN, and a gradient that an optimizer skips: reduction `none`
 * tells whose, and `ctcGreedy(frames, { lengths })` of the logits names frame and class: before `backward`, which
 * frees them, or of `detach(logits)`. A negative loss says that `fromLogProbs` was given no log-probabilities.
 *
 * While it runs, a GPU takes 16 bytes for each frame and label of the longest target, for each sequence
 * (2 T (2 L + 1) floats); where a recorded step reads the lengths anew, for each label that `targets` has room for.
 *
 * Source: Graves, Fernandez, Gomez and Schmidhuber (2006).
 *
 * @param logits [time, batch, classes].
 * @param targets i32, without blanks: [batch, longest], padded with anything, or concatenated, [at least
 *   the sum of the lengths].
 * @returns a scalar; [batch] with reduction `none`.
 * @throws ShapeError when the shapes do not belong together.
 * @throws IndexError for a length beyond what there is, and for a label outside the classes, or blank; in a
 *   recorded step at every replay too.
 * @throws ArgumentError, DTypeError, DeviceError, DisposedError; OutOfMemoryError where time and labels are too many.
 * @example
 * ```ts
 * import { backward, ctcLoss, openDevice, tensor, zeros } from 'lethe';
 *
 * const device = await openDevice('cpu');
 * const logits = zeros(device, [12, 2, 5], { requiresGrad: true }); // [time, batch, classes]
 * const targets = tensor(device, [1, 2, 3, 4, 4, 0], [2, 3], { dtype: 'i32' });
 * const loss = ctcLoss(logits, targets, { inputLengths: [12, 9], targetLengths: [3, 2] });
 * backward(loss);
 * console.log(logits.grad?.shape); // [ 12, 2, 5 ]
 * ```
 */
export function ctcLoss(logits: Tensor, targets: Tensor, options: CTCLossOptions): Tensor {
  if (options instanceof Tensor) {
    throw new ArgumentError(
      `${OWNER}: options = a tensor; an object is needed, as { inputLengths, targetLengths }`,
    );
  }
  checkOptions(OWNER, options, OPTIONS);
  const { blank = 0, reduction = 'mean', zeroInfinity = false, fromLogProbs = false } = options;
  checkReduction(OWNER, reduction);
  checkFloats(OWNER, { logits });
  checkDevices(OWNER, { logits, targets });
  const { shape, device } = logits;
  if (shape.length !== 3) {
    throw new ShapeError(
      `${OWNER}: logits have shape ${formatShape(shape)}; [time, batch, classes] is needed`,
    );
  }
  const [time, batch, classes] = shape;
  if (!Number.isInteger(blank) || blank < 0 || blank >= classes) {
    throw new ArgumentError(
      `${OWNER}: blank = ${describeValue(blank)}; a class is needed, an integer from 0 to ${classes - 1}`,
    );
  }
  const concatenated = checkTargets(logits, targets);
  const labels = targets.shape.at(-1)!;
  return scope(() => {
    const { inputLengths, targetLengths } = options;
    const frames = lengthsOf(logits, 'inputLengths', inputLengths, time, 'frames');
    const counts = lengthsOf(logits, 'targetLengths', targetLengths, labels, 'labels');
    checkLabels(targets, counts, concatenated, blank, classes);

    const gradients = recording([logits]);
    const params = {
      ...{ time, batch, classes, labels, blank, first: 0 },
      longest: longestOf(targetLengths, counts, labels),
      concatenated: concatenated ? 1 : 0,
      gradients: gradients ? 1 : 0,
      from_log_probs: fromLogProbs ? 1 : 0,
      divide: reduction === 'mean' ? 1 : 0,
      scale: reduction === 'mean' ? 1 / Math.max(batch, 1) : 1,
      infeasible: zeroInfinity ? 0 : Infinity,
    };
    device.checkFits(`${OWNER}: what the states of all frames take`, [ctcScratch(params)], 'f32');
    const loss = emptyLike(logits, [batch]);
    const dlogits = emptyLike(logits, gradients ? shape : [0]);
    run(
      ctc,
      { logits, targets, input_lengths: frames, target_lengths: counts, loss, dlogits },
      params,
    );
    const result = reduction === 'none' ? loss : sum(loss);
    const gradientTimes = (retainGraph: boolean, scale: Tensor | undefined): Tensor => {
      const d = retainGraph ? slice(dlogits, 0) : dlogits;
      if (scale) run(scaleBy, { scale, x: d }, { n: d.size });
      return d;
    };
    record({
      name: OWNER,
      inputs: [logits],
      outputs: [result],
      intermediates: [dlogits],
      vjp([g], retainGraph) {
        if (reduction === 'none') return [mul(dlogits, reshape(g!, [batch, 1]))];
        return [gradientTimes(retainGraph, g)];
      },
      vjpOfOne:
        reduction === 'none' ? undefined : (retainGraph) => [gradientTimes(retainGraph, undefined)],
    });
    return result;
  });
}

/** Whether the targets are concatenated. */
function checkTargets(logits: Tensor, { shape, dtype }: Tensor): boolean {
  const batch = logits.shape[1];
  if (dtype !== 'i32') {
    throw new DTypeError(
      `${OWNER}: targets is ${dtype}; pass labels as tensor(device, labels, shape, { dtype: 'i32' })`,
    );
  }
  if (shape.length === 1) return true;
  if (shape.length === 2 && shape[0] === batch) return false;
  throw new ShapeError(
    `${OWNER}: targets has shape ${formatShape(shape)}; [${batch}, longest], or concatenated [sum of ` +
      `the lengths], is needed, as ${axesOf(logits)}`,
  );
}

/** Lengths as a tensor, of which those that the host knows are looked at now and before every replay. */
function lengthsOf(
  logits: Tensor,
  name: string,
  given: ArrayLike<number> | Tensor,
  most: number,
  what: string,
): Tensor {
  const { device, shape } = logits;
  const lengths = given instanceof Tensor ? given : fromList(logits, name, given);
  checkDevices(OWNER, { logits, [name]: lengths });
  if (lengths.dtype !== 'i32') {
    throw new DTypeError(
      `${OWNER}: ${name} is ${lengths.dtype}; pass a list, or tensor(device, lengths, [${shape[1]}], ` +
        "{ dtype: 'i32' })",
    );
  }
  if (!sameShape(lengths.shape, [shape[1]])) {
    throw new ShapeError(
      `${OWNER}: ${name} has shape ${formatShape(lengths.shape)}; [${shape[1]}] is needed, as ${axesOf(logits)}`,
    );
  }
  const check = (): void => {
    const ids = lengths.ids ?? [];
    const at = ids.findIndex((length) => length < 0 || length > most);
    if (at < 0) return;
    throw new IndexError(
      `${OWNER}: ${name} holds ${ids[at]} at position ${at}; there are 0 to ${most} ${what}`,
    );
  };
  check();
  device.notes?.checks.push(check);
  return lengths;
}

/** The labels of the longest target; where lengths may change behind the host's back, of all that may be given. */
function longestOf(given: ArrayLike<number> | Tensor, { ids, device }: Tensor, most: number) {
  if (!ids || (given instanceof Tensor && device.notes)) return most;
  return ids.reduce((longest, length) => Math.max(longest, length), 0);
}

function fromList(logits: Tensor, name: string, given: ArrayLike<number>): Tensor {
  const { device, shape } = logits;
  const list: unknown = given;
  if (!Array.isArray(list) && !(ArrayBuffer.isView(list) && !(list instanceof DataView))) {
    throw new ArgumentError(
      `${OWNER}: ${name} = ${describeValue(list)}; a list or an i32 tensor of [${shape[1]}] is needed`,
    );
  }
  if (given.length !== shape[1]) {
    throw new ShapeError(
      `${OWNER}: ${name} has ${given.length} lengths for a batch of ${shape[1]}; one for each ` +
        `sequence is needed, as ${axesOf(logits)}`,
    );
  }
  const at = Array.from(given).findIndex((length) => !Number.isInteger(length));
  if (at >= 0) {
    throw new ArgumentError(
      `${OWNER}: ${name}[${at}] = ${describeValue(given[at])}; an integer is needed`,
    );
  }
  return constantIds(device, given, [shape[1]]);
}

/** For messages, as logits of [batch, time, classes] make a batch of another size. */
function axesOf({ shape }: Tensor): string {
  return `logits of ${formatShape(shape)} are [time, batch, classes]`;
}

/** Looks at the labels that count, if the host knows them, now and before every replay. */
function checkLabels(
  targets: Tensor,
  counts: Tensor,
  concatenated: boolean,
  blank: number,
  classes: number,
): void {
  const { shape, device } = targets;
  const check = (): void => {
    const [labels, lengths] = [targets.ids, counts.ids];
    if (!labels || !lengths) return;
    let from = 0;
    lengths.forEach((length, b) => {
      if (!concatenated) from = b * shape[1];
      if (from + length > labels.length) {
        throw new IndexError(
          `${OWNER}: targetLengths add up to more than the ${labels.length} labels of targets ` +
            `(at sequence ${b}); give [batch, longest], or labels one after the other`,
        );
      }
      for (let j = 0; j < length; j++) {
        const label = labels[from + j];
        if (label >= 0 && label < classes && label !== blank) continue;
        const why =
          label === blank
            ? 'which is blank; leave blanks out, or give the class that is blank as { blank }'
            : `classes run from 0 to ${classes - 1}`;
        throw new IndexError(
          `${OWNER}: targets holds ${label} at place ${j} of sequence ${b}, ${why}`,
        );
      }
      from += length;
    });
  };
  check();
  device.notes?.checks.push(check);
}
