import { ArgumentError, DeviceError } from '../errors';
import { HALF } from '../backend/half';
import type { Device } from '../tensor/device';

export const ARITHMETICS = ['f32', 'f16'] as const;

/**
 * In what a recurrent layer multiplies: the projection of its input, the recurrent products of its
 * sweeps, and the gradients of its weights. With f16 the factors are rounded to halves, 16 products at
 * most are summed in f16, and those sums, and all else, are f32. It takes a device that can
 * (`device.f16Arithmetic`). It is how a device computes, not what a model is: weights stay f32, and
 * those learnt with one are used with the other.
 */
export type Arithmetic = (typeof ARITHMETICS)[number];

/**
 * @throws ArgumentError unless `arithmetic` is one of them.
 * @throws DeviceError when the device does not compute in it.
 */
export function checkArithmetic(owner: string, arithmetic: Arithmetic, device: Device): void {
  if (!ARITHMETICS.includes(arithmetic)) {
    throw new ArgumentError(
      `${owner}: arithmetic = ${String(arithmetic)}; choose one of ${ARITHMETICS.join(', ')}`,
    );
  }
  if (arithmetic === 'f32' || device.f16Arithmetic) return;
  throw new DeviceError(
    `${owner}: arithmetic = f16 takes WebGPU's feature shader-f16, and ${device.description} lacks it; ` +
      "choose arithmetic: 'f32', for weights learnt in f16 too; storage: 'f16' works on every device",
  );
}

/** How a matmul multiplies. `scale`: see its kernel. */
export interface Factors {
  readonly half: number;
  readonly scale: number;
}

/** The factors of a product forward, which are numbers near 1. */
export function factorsOf(arithmetic: Arithmetic): Factors {
  return { half: arithmetic === 'f16' ? 1 : 0, scale: 1 };
}

/**
 * Those of a product with gradients over time and batch. A loss is a mean over both, as a rule, and
 * what makes up for that is the scale: its gradients are near 1 then, and f16 has numbers enough on
 * either side, from 6e-8 to 65,504.
 */
export function gradientFactorsOf(arithmetic: Arithmetic, time: number, batch: number): Factors {
  const scale = 2 ** Math.round(Math.log2(Math.max(time * batch, 1)));
  return arithmetic === 'f16' ? { half: 1, scale } : factorsOf('f32');
}

/** What a sweep has of halves, one of HALF. */
export function halfOf(storage: 'f32' | 'f16', arithmetic: Arithmetic): number {
  if (arithmetic === 'f16') return HALF.computed;
  return storage === 'f16' ? HALF.stored : HALF.none;
}
