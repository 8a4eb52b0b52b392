/** A schedule written by hand: up to 1, then by the inverse square root of the step (Vaswani et al., 2017). */
import type { Schedule } from 'lethe/optim';

export function inverseRoot(rise: number): Schedule {
  return (step) => Math.min((step + 1) / rise, Math.sqrt(rise / (step + 1)));
}
