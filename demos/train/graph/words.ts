import type { Box } from './layout';

/** How a box is drawn, and what the legend calls it. */
export const KINDS = {
  parameter: 'Parameter',
  input: 'Input',
  product: 'Matrix product',
  cell: 'Recurrent cell',
  elementwise: 'Elementwise',
  moving: 'Moves values',
  loss: 'Loss',
} as const;
export type BoxKind = keyof typeof KINDS;

interface Operation {
  kind: BoxKind;
  /** What it does, in a sentence. */
  does: string;
}

const OPERATIONS: Readonly<Record<string, Operation>> = {
  linear: {
    kind: 'product',
    does: 'Multiplies by a weight matrix, and adds a bias if there is one.',
  },
  matmul: { kind: 'product', does: 'Multiplies two matrices.' },
  add: { kind: 'elementwise', does: 'Adds, element by element.' },
  sub: { kind: 'elementwise', does: 'Subtracts, element by element.' },
  mul: { kind: 'elementwise', does: 'Multiplies, element by element.' },
  neg: { kind: 'elementwise', does: 'Turns the sign.' },
  sigmoid: { kind: 'elementwise', does: 'Squashes to between 0 and 1: a gate, closed to open.' },
  tanh: { kind: 'elementwise', does: 'Squashes to between -1 and 1.' },
  relu: { kind: 'elementwise', does: 'Keeps what is above 0, and makes 0 of the rest.' },
  scan: { kind: 'cell', does: 'A recurrent layer, or several: all time steps in one operation.' },
  gather: { kind: 'moving', does: 'Picks the rows of a table that the characters ask for.' },
  unbind: {
    kind: 'moving',
    does: 'Takes its input apart, one output for each time step, or each gate.',
  },
  split: { kind: 'moving', does: 'Cuts its input into parts.' },
  cat: { kind: 'moving', does: 'Puts its inputs together to one tensor.' },
  linearCrossEntropy: {
    kind: 'loss',
    does: 'Makes the logits by a product, and takes the mean cross-entropy.',
  },
};

/** Of an operation that has no entry here, its name has to do. */
function known(name: string): Operation {
  return OPERATIONS[name] ?? { kind: 'elementwise', does: '' };
}

export function kindOf({ operation, tensors }: Box): BoxKind {
  if (operation) return known(operation.name).kind;
  return tensors[0].kind === 'parameter' ? 'parameter' : 'input';
}

/** What stands on the box. */
export function titleOf({ operation, tensors }: Box): string {
  return operation?.name ?? tensors[0].name ?? 'characters';
}

export function shapeOf(shape: readonly number[]): string {
  return shape.length === 0 ? 'a number' : `[${shape.join(', ')}]`;
}

/** The shape of what it gives; several alike are counted. */
export function shapesOf({ tensors }: Box): string {
  const shapes = tensors.map(({ shape }) => shapeOf(shape));
  const [first] = shapes;
  if (shapes.length === 1) return first;
  if (shapes.every((shape) => shape === first)) return `${shapes.length} × ${first}`;
  return `${first}, …`;
}

/** What stands in the box below its title. */
export function subtitleOf(box: Box): string {
  const uses = box.operation ? 0 : box.tensors[0].users.length;
  return uses > 1 ? `${shapesOf(box)}, ${uses} uses` : shapesOf(box);
}

/** In words, for those who do not see the drawing. */
export function labelOf(box: Box): string {
  const step = box.operation?.step ? `, time step ${box.operation.step}` : '';
  // What is seen comes first, as it is seen, so that it can be spoken to.
  return `${titleOf(box)} ${subtitleOf(box)}${step}, ${KINDS[kindOf(box)].toLowerCase()}`;
}

export function descriptionOf(box: Box): string {
  const { operation, tensors } = box;
  if (operation) return known(operation.name).does;
  const [{ kind, name, users }] = tensors;
  if (kind === 'parameter') {
    if (users.length === 1) return 'Learned; one operation reads it.';
    return `Learned, and shared: ${users.length} operations read it. Its gradient is the sum of what comes from each.`;
  }
  if (name)
    return 'The state before the first step: zeros. Its gradient is what a step before would get.';
  return 'The characters as one-hot vectors. They take no gradient.';
}

/**
 * What the outputs of an operation are called.
 *
 * @param state names of its parts in the model.
 */
export function outputName(
  { operation, tensors }: Box,
  index: number,
  state: readonly string[],
): string {
  if (!operation) return titleOf({ operation, tensors } as Box);
  if (tensors.length === 1) return 'Output';
  if (operation.name !== 'scan') return `Output ${index + 1}`;
  return index === 0 ? `${state[0]} of all steps` : `last ${state[index - 1]}`;
}
