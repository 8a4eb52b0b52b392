import { GraphError } from '../errors';
import { checkOptions } from '../options';
import type { OptionNames } from '../options';
import { Random } from '../random';
import { scope } from '../tensor/scope';
import { tensor } from '../tensor/tensor';
import type { Tensor } from '../tensor/tensor';
import { backward } from './backward';
import { noGrad } from './graph';

/** What `gradcheck` takes: a gradient is right within `atol + rtol |expected|`. */
export interface GradcheckOptions {
  /** Step of the central difference. */
  eps?: number;
  /** Absolute tolerance, from 0; 1e-5 when left out. */
  atol?: number;
  /** Tolerance relative to the numeric gradient, from 0; 1e-3 when left out. */
  rtol?: number;
  /** Seeds the direction in which the outputs are weighted. */
  seed?: number;
}

const GRADCHECK_OPTIONS: OptionNames<GradcheckOptions> = {
  eps: true,
  atol: true,
  rtol: true,
  seed: true,
};

/**
 * Compares analytic with numeric gradients. The outputs are weighted by one random direction v,
 * and the derivative of v . outputs is checked for every element of every input that requires a
 * gradient, by central differences. Defaults are those of PyTorch's gradcheck; use f64 on the CPU.
 *
 * @param body pure: the same inputs give the same outputs.
 * @throws GraphError naming input, element and both values where they differ.
 */
export async function gradcheck(
  body: (...inputs: Tensor[]) => Tensor | readonly Tensor[],
  inputs: readonly Tensor[],
  options: GradcheckOptions = {},
): Promise<void> {
  checkOptions('gradcheck', options, GRADCHECK_OPTIONS);
  const { eps = 1e-6, atol = 1e-5, rtol = 1e-3, seed = 0 } = options;
  const random = new Random(seed, 1);
  const directions: Float64Array[] = [];

  const weighted = async (): Promise<number> => {
    const outputs = noGrad(() => scope(() => toList(body(...inputs))));
    let sum = 0;
    for (const [k, output] of outputs.entries()) {
      const values = await output.data();
      directions[k] ??= Float64Array.from(values, () => random.normal());
      for (let i = 0; i < values.length; i++) sum += values[i] * directions[k][i];
      output.dispose();
    }
    return sum;
  };

  await weighted();
  for (const input of inputs) {
    input.grad?.dispose();
    input.grad = undefined;
  }
  // The inner scope frees whatever an operation did not save for its own backward.
  const outputs = scope(() => toList(body(...inputs)));
  outputs.forEach((output, k) => {
    if (!output.requiresGrad) return;
    const gradient = tensor(output.device, directions[k], output.shape, { dtype: output.dtype });
    backward(output, { gradient, retainGraph: true });
    gradient.dispose();
  });

  for (const [index, input] of inputs.entries()) {
    if (!input.requiresGrad) continue;
    const grad: Tensor | undefined = input.grad;
    const analytic = grad ? await grad.data() : new Float64Array(input.size);
    const values = await input.data();
    for (let i = 0; i < values.length; i++) {
      const center = values[i];
      values[i] = center + eps;
      input.write(values);
      const above = await weighted();
      values[i] = center - eps;
      input.write(values);
      const below = await weighted();
      values[i] = center;
      input.write(values);
      const numeric = (above - below) / (2 * eps);
      if (!(Math.abs(numeric - analytic[i]) <= atol + rtol * Math.abs(numeric))) {
        throw new GraphError(
          `gradcheck: input ${index}, element ${i}: analytic ${analytic[i]}, numeric ${numeric}`,
        );
      }
    }
  }
  for (const output of outputs) output.dispose();
}

function toList(outputs: Tensor | readonly Tensor[]): readonly Tensor[] {
  return Array.isArray(outputs) ? (outputs as readonly Tensor[]) : [outputs as Tensor];
}
