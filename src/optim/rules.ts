import { ArgumentError } from '../errors';
import { adagrad } from '../kernels/adagrad';
import { adam } from '../kernels/adam';
import { rmsprop } from '../kernels/rmsprop';
import { sgd } from '../kernels/sgd';
import { run } from '../ops/common';
import { checkOptions, describeValue } from '../options';
import type { OptionNames } from '../options';
import { Optimizer } from './optimizer';
import type { Parameters } from './parameters';
import type { Flat, Range } from './state';

// Names, defaults and arithmetic follow torch.optim, but that all parameters share one count of
// steps; the equations stand at the kernels.

function checkFactors(owner: string, factors: Readonly<Record<string, number>>): void {
  for (const [name, value] of Object.entries(factors)) {
    if (value >= 0 && Number.isFinite(value)) continue;
    throw new ArgumentError(
      `${owner}: ${name} = ${describeValue(value)}; a finite number from 0 is needed`,
    );
  }
}

/** What `SGD` takes; the names and the formulas are PyTorch's. */
export interface SGDOptions {
  /** Learning rate; 0.001 when left out. */
  lr?: number;
  /** Share of the last velocity that stays; 0 when left out, which keeps none. */
  momentum?: number;
  /** Is multiplied with the parameter and added to its gradient; 0 when left out. */
  weightDecay?: number;
  /** Nesterov's momentum; false when left out. */
  nesterov?: boolean;
}

const SGD_OPTIONS: OptionNames<SGDOptions> = {
  lr: true,
  momentum: true,
  weightDecay: true,
  nesterov: 'boolean',
};

/**
 * Stochastic gradient descent, with momentum. lr 0.001, no momentum.
 *
 * @example
 * ```ts
 * import { openDevice } from 'lethe';
 * import { Linear } from 'lethe/nn';
 * import { cosine, SGD } from 'lethe/optim';
 *
 * const model = new Linear(await openDevice('cpu'), 3, 1);
 * const optimizer = new SGD(model, { lr: 0.1, momentum: 0.9 });
 * const rate = cosine(100);
 * optimizer.lr = 0.1 * rate(50); // before each step
 * console.log(optimizer.lr.toFixed(2)); // 0.05
 * ```
 */
export class SGD extends Optimizer {
  readonly #options: Required<Omit<SGDOptions, 'lr'>>;

  constructor(parameters: Parameters, options: SGDOptions = {}) {
    checkOptions(new.target.name, options, SGD_OPTIONS);
    const { lr = 1e-3 } = options;
    super(parameters, lr, ['momentum_buffer']);
    const { momentum = 0, weightDecay = 0, nesterov = false } = options;
    checkFactors('SGD', { momentum, weightDecay });
    if (nesterov && momentum === 0) throw new ArgumentError('SGD: nesterov needs a momentum');
    this.#options = { momentum, weightDecay, nesterov };
  }

  protected update({ param, grad, state: [velocity], clock }: Flat, range: Range): void {
    const { momentum, weightDecay, nesterov } = this.#options;
    run(
      sgd,
      { clock, grad, param, velocity },
      { nesterov: Number(nesterov), ...range, momentum, weight_decay: weightDecay },
    );
  }
}

/** What `Adagrad` takes; the names and the formulas are PyTorch's. */
export interface AdagradOptions {
  /** Learning rate; 0.01 when left out. */
  lr?: number;
  /** The rate of step t, from 0, is lr / (1 + t lrDecay); 0 when left out. */
  lrDecay?: number;
  /** Is multiplied with the parameter and added to its gradient; 0 when left out. */
  weightDecay?: number;
  /** What the sums of squared gradients begin with; 0 when left out. */
  initialAccumulatorValue?: number;
  /** Is added to the square root below the fraction; 1e-10 when left out. */
  eps?: number;
}

const ADAGRAD_OPTIONS: OptionNames<AdagradOptions> = {
  lr: true,
  lrDecay: true,
  weightDecay: true,
  initialAccumulatorValue: true,
  eps: true,
};

/** Adagrad (Duchi et al., 2011). lr 0.01, eps 1e-10. */
export class Adagrad extends Optimizer {
  readonly #options: Required<Omit<AdagradOptions, 'lr'>>;

  constructor(parameters: Parameters, options: AdagradOptions = {}) {
    checkOptions(new.target.name, options, ADAGRAD_OPTIONS);
    const { lr = 0.01 } = options;
    super(parameters, lr, ['sum']);
    const { lrDecay = 0, weightDecay = 0, initialAccumulatorValue = 0, eps = 1e-10 } = options;
    checkFactors('Adagrad', { lrDecay, weightDecay, initialAccumulatorValue, eps });
    this.#options = { lrDecay, weightDecay, initialAccumulatorValue, eps };
  }

  protected override initial(): number {
    return this.#options.initialAccumulatorValue;
  }

  protected update({ param, grad, state: [sum], clock }: Flat, range: Range): void {
    const { lrDecay, weightDecay, eps } = this.#options;
    run(
      adagrad,
      { clock, grad, param, sum },
      { ...range, lr_decay: lrDecay, weight_decay: weightDecay, eps },
    );
  }
}

/** What `RMSprop` takes; the names and the formulas are PyTorch's. */
export interface RMSpropOptions {
  /** Learning rate; 0.01 when left out. */
  lr?: number;
  /** Share of the mean of squared gradients that stays; 0.99 when left out. */
  alpha?: number;
  /** Is added to the square root below the fraction; 1e-8 when left out. */
  eps?: number;
  /** Is multiplied with the parameter and added to its gradient; 0 when left out. */
  weightDecay?: number;
  /** Share of the last velocity that stays; 0 when left out. */
  momentum?: number;
  /** Divides by the standard deviation of the gradient instead of its root mean square; false when left out. */
  centered?: boolean;
}

const RMSPROP_OPTIONS: OptionNames<RMSpropOptions> = {
  lr: true,
  alpha: true,
  eps: true,
  weightDecay: true,
  momentum: true,
  centered: 'boolean',
};

/** RMSprop (Hinton, lecture 6e, 2012). lr 0.01, alpha 0.99, eps 1e-8. */
export class RMSprop extends Optimizer {
  readonly #options: Required<Omit<RMSpropOptions, 'lr'>>;

  constructor(parameters: Parameters, options: RMSpropOptions = {}) {
    checkOptions(new.target.name, options, RMSPROP_OPTIONS);
    const { lr = 0.01 } = options;
    super(parameters, lr, ['square_avg', 'grad_avg', 'momentum_buffer']);
    const { alpha = 0.99, eps = 1e-8, weightDecay = 0, momentum = 0, centered = false } = options;
    checkFactors('RMSprop', { alpha, eps, weightDecay, momentum });
    this.#options = { alpha, eps, weightDecay, momentum, centered };
  }

  protected update({ param, grad, state, clock }: Flat, range: Range): void {
    const { alpha, eps, weightDecay, momentum, centered } = this.#options;
    const [square, average, buffer] = state;
    run(
      rmsprop,
      { clock, grad, param, square, average, buffer },
      {
        centered: Number(centered),
        ...range,
        alpha,
        momentum,
        weight_decay: weightDecay,
        eps,
      },
    );
  }
}

/** What `Adam` and `AdamW` take; the names and the formulas are PyTorch's. */
export interface AdamOptions {
  /** Learning rate; 0.001 when left out. */
  lr?: number;
  /** Shares of the means of gradients and of their squares that stay; 0.9 and 0.999 when left out. */
  betas?: readonly [number, number];
  /** Is added to the square root below the fraction; 1e-8 when left out. */
  eps?: number;
  /** 0 when left out, for `AdamW` 0.01; the class tells where it acts. */
  weightDecay?: number;
}

const ADAM_OPTIONS: OptionNames<AdamOptions> = {
  lr: true,
  betas: true,
  eps: true,
  weightDecay: true,
};

/**
 * Adam (Kingma and Ba, 2015), decay coupled to the gradient. lr 0.001, betas 0.9 and 0.999.
 *
 * @example
 * ```ts
 * import { backward, ones, openDevice, sum } from 'lethe';
 * import { Linear } from 'lethe/nn';
 * import { Adam } from 'lethe/optim';
 *
 * const device = await openDevice('cpu');
 * const model = new Linear(device, 3, 1);
 * const optimizer = new Adam(model, { lr: 1e-3 });
 * backward(sum(model.forward(ones(device, [4, 3]))));
 * optimizer.step({ maxNorm: 1 }); // clips by norm
 * optimizer.zeroGrad();
 * ```
 */
export class Adam extends Optimizer {
  readonly #options: Required<Omit<AdamOptions, 'lr'>>;
  /** Whether the decay bypasses the gradient. */
  protected readonly decoupled: boolean = false;

  constructor(parameters: Parameters, options: AdamOptions = {}) {
    checkOptions(new.target.name, options, ADAM_OPTIONS);
    const { lr = 1e-3, betas = [0.9, 0.999], eps = 1e-8, weightDecay = 0 } = options;
    if (!Array.isArray(betas) || betas.length !== 2) {
      const given = Array.isArray(betas)
        ? `[${(betas as readonly unknown[]).map(describeValue).join(', ')}]`
        : describeValue(betas);
      throw new ArgumentError(`Adam: betas = ${given}; a list of two is needed`);
    }
    for (const beta of betas as readonly number[]) {
      if (beta >= 0 && beta < 1) continue;
      throw new ArgumentError(`Adam: betas = [${betas.join(', ')}]; each from 0 to below 1`);
    }
    checkFactors('Adam', { eps, weightDecay });
    super(parameters, lr, ['exp_avg', 'exp_avg_sq'], betas);
    this.#options = { betas, eps, weightDecay };
  }

  protected update({ param, grad, state: [mean, square], clock }: Flat, range: Range): void {
    const { betas, eps, weightDecay } = this.#options;
    run(
      adam,
      { clock, grad, param, mean, square },
      {
        decoupled: Number(this.decoupled),
        ...range,
        beta1: betas[0],
        beta2: betas[1],
        gain1: 1 - betas[0],
        gain2: 1 - betas[1],
        eps,
        weight_decay: weightDecay,
      },
    );
  }
}

/**
 * Adam with decoupled decay (Loshchilov and Hutter, 2019). As Adam, weight decay 0.01.
 *
 * @example
 * ```ts
 * import { openDevice } from 'lethe';
 * import { Linear } from 'lethe/nn';
 * import { AdamW } from 'lethe/optim';
 *
 * const model = new Linear(await openDevice('cpu'), 3, 1);
 * const optimizer = new AdamW(model, { lr: 1e-3, weightDecay: 0.1 });
 * console.log(optimizer.lr); // 0.001
 * ```
 */
export class AdamW extends Adam {
  protected override readonly decoupled = true;

  constructor(parameters: Parameters, options: AdamOptions = {}) {
    checkOptions(new.target.name, options, ADAM_OPTIONS);
    super(parameters, { weightDecay: 0.01, ...options });
  }
}
