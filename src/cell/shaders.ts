import type { CellDefinition } from './definition';
import { keep, trace } from './trace';
import { cellShaders } from './wgsl';
import type { CellShader } from './wgsl';
import { stepShader } from './wgsl_step';

/** The step and its gradient as WGSL, for the scan; the step alone, for who keeps nothing of it. */
export interface CellShaders {
  readonly forward: CellShader;
  readonly backward: CellShader;
  readonly step: string;
}

const made = new WeakMap<CellDefinition, CellShaders>();

/** A cell as WGSL, made once; apart from its definition, which is there without WebGPU too. */
export function shadersOf(cell: CellDefinition): CellShaders {
  const known = made.get(cell);
  if (known) return known;
  const step = trace(cell);
  const { apart = [] } = cell.spec;
  const shaders = {
    ...cellShaders(cell, step, keep(step)),
    step: stepShader({ ...cell, apart }, step),
  };
  made.set(cell, shaders);
  return shaders;
}
