/** The files that follow from the registry of cells, as text by path. */
import { format, resolveConfig } from 'prettier';

import { equationsOf } from '../../src/cell/equations';
import { CellDefinition } from '../../src/cell/definition';
import { shadersOf } from '../../src/cell/shaders';
import { partsOf } from '../../src/nn/cells/entry';
import type { CellEntry, CellFacts } from '../../src/nn/cells/entry';
import { CELLS } from '../../src/nn/cells/registry';

const MADE = 'Made by `npm run build:cells` from src/nn/cells/registry.ts';

const entries: readonly (readonly [string, CellEntry])[] = Object.entries(CELLS);

function factsOf(entry: CellEntry): CellFacts {
  const { gates, state, vectors = {}, recurrence } = partsOf(entry);
  const kept = (): Pick<CellFacts, 'kept' | 'remade'> => {
    if ('kept' in entry) return { kept: entry.kept, remade: entry.remade };
    const { slots, keepsSlots } = entry.kind;
    return keepsSlots
      ? { kept: slots.length + state.length, remade: 0 }
      : { kept: state.length, remade: slots.length };
  };
  return {
    label: entry.label,
    gates: gates.length,
    dense: recurrence !== 'none',
    state: state.length,
    vectors: Object.keys(vectors).length,
    compared: entry.compared ?? false,
    forgets: gates.includes('f'),
    ...kept(),
  };
}

function facts(): string {
  const all = Object.fromEntries(entries.map(([name, entry]) => [name, factsOf(entry)]));
  return `// ${MADE}; do not edit.
import type { CellFacts } from './entry';
import type { CellName } from './registry';

/** What is known of the cells without their equations, which a page need not load to name them. */
export const CELL_FACTS: Readonly<Record<CellName, CellFacts>> = ${JSON.stringify(all)};
`;
}

/** 4H(I + H) + 8H, from the parts of a cell. */
function countOf({ gates, dense, vectors }: CellFacts): string {
  const of = (count: number, what: string): string => `${count === 1 ? '' : count}${what}`;
  const single = (dense ? 2 : 1) * gates + vectors;
  return `${of(gates, dense ? 'H(I + H)' : 'HI')} + ${of(single, 'H')}`;
}

function section([name, entry]: readonly [string, CellEntry]): string {
  const { kind, label, source, use } = entry;
  const { gates, state, vectors = {} } = partsOf(entry);
  const defined = kind instanceof CellDefinition;
  const equations = 'equations' in entry ? entry.equations : equationsOf(entry.kind);
  const names = Object.keys(vectors);
  const kernels = defined
    ? `\`scan_forward\` and \`scan_backward\` with [its equations](../shaders/cells/${name}.forward.wgsl)` +
      (kind.dense ? '' : ', without a recurrent product')
    : 'none of its own: it is unrolled, an operation at a time';
  return `## ${label}

\`--cell ${name}\`

\`\`\`
${equations.join('\n')}
\`\`\`

- Source: ${source}
- Gates, in their order: ${gates.join(', ')}. State: ${state.join(', ')}.${
    names.length > 0 ? ` Vectors: ${names.join(', ')}.` : ''
  }
- Parameters of a layer: ${countOf(factsOf(entry))}.
- Kernels: ${kernels}.
- When to use it: ${use}
`;
}

function docs(): string {
  return `<!-- ${MADE}; do not edit. -->

# Cells

The cells of the registry, by the names that the command line takes. In code they are
\`CELLS.NAME.kind\` of \`lethe/nn\`: \`new Recurrent(device, CELLS.mgu.kind, inputSize, hiddenSize)\`. LSTM, GRU and
RNN have classes of their own too, and \`LSTM\` takes the variants as options, also several at once:
\`new LSTM(device, 64, 128, { peephole: true, coupled: true })\`.

W are the blocks of rows of \`weight_ih\`, U those of \`weight_hh\`, b the sums of both biases (\`b_hn\`: of
\`bias_hh\` alone); vectors have one number for each unit. \`*\` is by element, and a prime marks what is
new after the step. The output is h. I is the width of the input, H the number of units; parameters are counted
with PyTorch's two biases. The equations are those that the kernels are made of.

[adding-a-cell.md](adding-a-cell.md) tells how to add one.

${entries.map(section).join('\n')}`;
}

/** The equations of a cell as WGSL, with what a reader needs to know. */
function shader(name: string, cell: CellDefinition, direction: 'forward' | 'backward'): string {
  const { own, perStep, whole } = shadersOf(cell)[direction];
  return `// ${MADE}; to be read: the kernels make theirs from the same
// equations. What scan_${direction}.wgsl and scan_whole_${direction}.wgsl are joined with for the cell ${name}:
//
${equationsOf(cell)
  .map((line) => `//   ${line}\n`)
  .join('')}
${own}
// What scan_${direction}.wgsl needs besides.

${perStep}
// What scan_whole_${direction}.wgsl needs besides.

${whole}`;
}

/** @returns text by path from the root of the project. */
export async function cellFiles(): Promise<Map<string, string>> {
  const formatted = async (path: string, text: string) =>
    format(text, { ...(await resolveConfig(path)), filepath: path });
  const files = new Map<string, string>();
  for (const [path, text] of [
    ['src/nn/cells/facts.ts', facts()],
    ['docs/cells.md', docs()],
  ]) {
    files.set(path, await formatted(path, text));
  }
  for (const [name, { kind }] of entries) {
    if (!(kind instanceof CellDefinition)) continue;
    for (const direction of ['forward', 'backward'] as const) {
      files.set(`shaders/cells/${name}.${direction}.wgsl`, shader(name, kind, direction));
    }
  }
  return files;
}
