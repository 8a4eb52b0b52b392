import type { CellDefinition } from '../../cell/definition';
import type { CellKind } from '../recurrent';
import type { CellParts } from './parameters';

/** What the library tells of a cell in words. */
export interface CellText {
  /** What people call it. */
  readonly label: string;
  /** Who described it, and in which form this one is. */
  readonly source: string;
  /** When to take it. */
  readonly use: string;
  /** Whether comparisons of cells begin with it. */
  readonly compared?: boolean;
}

/** A cell made of equations, which fused kernels run. */
export interface DefinedCell extends CellText {
  /** Its compiled equations, as `Recurrent` takes them. */
  readonly kind: CellDefinition;
}

/** A cell written by hand, whose layers are unrolled. */
export interface UnrolledCell extends CellText {
  /** Makes the cells of layers, as `Recurrent` takes it. */
  readonly kind: CellKind;
  /** Its gates, the parts of its state, and its vectors. */
  readonly parts: CellParts;
  /** The step, a line for each equation, as [Cells](../../../docs/cells.md) shows them. */
  readonly equations: readonly string[];
  /** Measured, for estimates of memory: see `CellFacts`. */
  readonly kept: number;
  /** Measured likewise. */
  readonly remade: number;
}

/** What the library tells of a cell. */
export type CellEntry = DefinedCell | UnrolledCell;

/** Gates, state and vectors of a cell. */
export function partsOf(entry: CellEntry): CellParts {
  return 'parts' in entry ? entry.parts : entry.kind.spec;
}

/** What settings and estimates need to know of a cell, without its equations. */
export interface CellFacts {
  readonly label: string;
  readonly gates: number;
  /** Whether there is a weight_hh. */
  readonly dense: boolean;
  /** Tensors in the state. */
  readonly state: number;
  /** Parameters with one number for each unit. */
  readonly vectors: number;
  /** Whether comparisons of cells begin with it. */
  readonly compared: boolean;
  /** Whether there is a gate f, which a forget bias is for. */
  readonly forgets: boolean;
  /** Floats that a step keeps for its gradient, for each unit. */
  readonly kept: number;
  /** Floats of each step and unit that backward takes besides, for one layer at a time. */
  readonly remade: number;
}
