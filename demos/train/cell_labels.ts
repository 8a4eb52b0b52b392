import { CELL_FACTS } from '../../src/nn/cells/facts';
import type { CellName } from '../../src/train/config';

/** What people call each cell. */
export const CELL_LABELS = Object.fromEntries(
  Object.entries(CELL_FACTS).map(([name, { label }]) => [name, label]),
) as Readonly<Record<CellName, string>>;
