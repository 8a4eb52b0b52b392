import { backward } from '../autograd/backward';
import { watching } from '../autograd/graph';
import type { Node } from '../autograd/graph';
import type { NumberArray } from '../backend/dtype';
import { GraphError } from '../errors';
import type { NamedParameters } from '../optim/parameters';
import { dispose, scope } from '../tensor/scope';
import type { Shape } from '../tensor/shape';
import type { Tensor } from '../tensor/tensor';
import { windowTensors } from '../train/char_model';
import type { CharModel } from '../train/char_model';
import { checkNoGradient, checkWindow } from './check';
import type { TextWindow } from './check';

/** A value in the graph. */
export interface GraphTensor {
  /** Its place in `ComputationGraph.tensors`. */
  readonly id: number;
  /** The lengths of its dimensions; empty for a scalar. */
  readonly shape: Shape;
  /** A parameter, an input (what no operation of the graph made), or what an operation made. */
  readonly kind: 'parameter' | 'input' | 'result';
  /** Of parameters, and of inputs that were given one. */
  readonly name?: string;
  /** Row-major. */
  readonly value: NumberArray;
  /** Of the root with respect to this value; null where none arrives. */
  readonly gradient: NumberArray | null;
  /** The operation that made it. */
  readonly producer: number | null;
  /** The operations that read it, once for every use; a shared weight has one for each time step. */
  readonly users: readonly number[];
}

/** A differentiable operation that was run. */
export interface GraphOperation {
  /** Its place in `ComputationGraph.operations`: the order in which they ran. */
  readonly id: number;
  /** As the library calls it: `linear`, `scan`. */
  readonly name: string;
  /** Ids of tensors. */
  readonly inputs: readonly number[];
  /** Ids of the tensors that it made. */
  readonly outputs: readonly number[];
  /**
   * For drawing, from 1: after all that it reads, and right before the first that reads it. The
   * operations on the longest way from here to the root decide.
   */
  readonly layer: number;
  /** Of `charGraph`, the time step, from 1, of what an unrolled cell does at each; else null. */
  readonly step: number | null;
}

/** A computation, as plain data. An edge is an operation's input or output. */
export interface ComputationGraph {
  /** The nodes, by id. */
  readonly operations: readonly GraphOperation[];
  /** The values, by id. */
  readonly tensors: readonly GraphTensor[];
  /** The id of the value that was differentiated. */
  readonly root: number;
}

/**
 * Runs `forward`, differentiates the scalar that it returns, and writes down the graph that this went
 * through, with every value and every gradient. Reshapes are left out: they are the same memory, and
 * their users read the tensor behind. Nothing is left behind, no gradient either.
 *
 * @param leaves.parameters with their names: every leaf that asks for a gradient, but for `inputs`.
 * @param leaves.inputs others, as wanted.
 * @throws ArgumentError when a named tensor has a gradient already.
 * @throws GraphError when `forward` records nothing, goes on from what was recorded before it, or
 *   returns no scalar. What the caller made is left to it.
 */
export async function traceGraph(
  forward: () => Tensor,
  leaves: { parameters: NamedParameters; inputs?: NamedParameters },
): Promise<ComputationGraph> {
  const names = { parameter: [...leaves.parameters], input: [...(leaves.inputs ?? [])] };
  const named = Object.values(names).flat();
  checkNoGradient('traceGraph', named);
  const values = new Map<Tensor, Promise<NumberArray>>();
  const gradients = new Map<Tensor, Promise<NumberArray>>();
  const recorded = new Set<Node>();
  // Asked for here and now: what the gradient does not need is freed before `forward` is through.
  const watch = (node: Node) => {
    recorded.add(node);
    for (const value of [...node.inputs, ...node.outputs]) {
      if (!values.has(value)) values.set(value, value.data());
    }
  };
  let root: Tensor | undefined;
  try {
    // A root that is refused is freed by the scope if `forward` made it, and else not.
    root = watching(watch, () => scope(() => checkRoot(forward(), recorded)));
    backward(root, { observe: (value, gradient) => gradients.set(value, gradient.data()) });
    for (const [, leaf] of named) if (leaf.grad) gradients.set(leaf, leaf.grad.data());
  } finally {
    root?.dispose();
    for (const [, leaf] of named) {
      leaf.grad?.dispose();
      leaf.grad = undefined;
    }
    // Also when something was thrown: no read is left to fail unheard.
    await Promise.allSettled([...values.values(), ...gradients.values()]);
  }
  return assemble(root, names, await settled(values), await settled(gradients));
}

/**
 * The graph of one training step of a character model: the mean cross-entropy over a window of text,
 * from a state of zeros. The state's parts are inputs with names (`h0`, and `c0` of an LSTM), and get
 * a gradient. A model made with `fused: false` shows its time steps, else a layer is one operation.
 *
 * @throws ArgumentError for a window without a step, or when a parameter has a gradient already.
 * @throws ShapeError or IndexError when the window does not fit the model.
 */
export async function charGraph(model: CharModel, window: TextWindow): Promise<ComputationGraph> {
  checkWindow('charGraph', window);
  const { batch, seq } = window;
  const state = model.zeroState(batch);
  const tensors = windowTensors(state[0].device, batch, seq, { ...window, first: true });
  for (const part of state) part.requiresGrad = true;
  try {
    const graph = await traceGraph(() => model.loss(tensors, state).loss, {
      parameters: model.namedParameters(),
      inputs: model.rnn.stateNames.map((name, i) => [`${name}0`, state[i]] as const),
    });
    return { ...graph, operations: withSteps(graph) };
  } finally {
    dispose([state, tensors]);
  }
}

async function settled(
  reads: Map<Tensor, Promise<NumberArray>>,
): Promise<Map<Tensor, NumberArray>> {
  const entries = [...reads].map(async ([key, read]) => [key, await read] as const);
  return new Map(await Promise.all(entries));
}

function checkRoot(root: Tensor, recorded: ReadonlySet<Node>): Tensor {
  const nodes = nodesBehind(root);
  if (nodes.every(({ name }) => name === 'reshape')) {
    throw new GraphError(
      'traceGraph: forward recorded no operation that leads to its result; give one that computes ' +
        'a scalar from a tensor with requiresGrad, outside noGrad()',
    );
  }
  const before = nodes.find((node) => !recorded.has(node));
  if (!before) return root;
  throw new GraphError(
    `traceGraph: forward goes on from what ${before.name} made before it; compute that in forward, ` +
      'or detach() it',
  );
}

/** The nodes behind `root`, in the order in which they ran. */
function nodesBehind(root: Tensor): Node[] {
  const seen = new Set<Node>();
  const pending = [root];
  for (let value = pending.pop(); value; value = pending.pop()) {
    const node = value.node as Node | undefined;
    if (!node || seen.has(node)) continue;
    seen.add(node);
    pending.push(...node.inputs);
  }
  return [...seen].sort((a, b) => a.id - b.id);
}

/** The tensor whose memory a reshape shows under another shape. */
function origin(value: Tensor): Tensor {
  let at = value;
  for (;;) {
    const node = at.node as Node | undefined;
    if (node?.name !== 'reshape') return at;
    [at] = node.inputs;
  }
}

function assemble(
  root: Tensor,
  names: Record<'parameter' | 'input', NamedParameters>,
  values: ReadonlyMap<Tensor, NumberArray>,
  gradients: ReadonlyMap<Tensor, NumberArray>,
): ComputationGraph {
  const nodes = nodesBehind(root).filter(({ name }) => name !== 'reshape');
  const known = new Map<Tensor, Pick<GraphTensor, 'kind' | 'name'>>();
  for (const kind of ['parameter', 'input'] as const) {
    for (const [name, leaf] of names[kind]) known.set(leaf, { kind, name });
  }
  const tensors: (GraphTensor & { users: number[] })[] = [];
  const ids = new Map<Tensor, number>();
  const idOf = (value: Tensor, producer: number | null): number => {
    const found = ids.get(value);
    if (found !== undefined) return found;
    const id = tensors.length;
    ids.set(value, id);
    tensors.push({
      id,
      shape: value.shape,
      ...(producer === null ? (known.get(value) ?? { kind: 'input' }) : { kind: 'result' }),
      value: values.get(value)!,
      gradient: gradients.get(value) ?? null,
      producer,
      users: [],
    });
    return id;
  };
  const operations: GraphOperation[] = [];
  for (const [id, node] of nodes.entries()) {
    const inputs = node.inputs.map((input) => idOf(origin(input), null));
    for (const input of inputs) tensors[input].users.push(id);
    operations.push({
      id,
      name: node.name,
      inputs,
      outputs: node.outputs.map((output) => idOf(output, id)),
      layer: 0,
      step: null,
    });
  }
  const graph = { operations, tensors, root: ids.get(origin(root))! };
  return withLayers(graph);
}

function withLayers(graph: ComputationGraph): ComputationGraph {
  const { operations, tensors } = graph;
  // From the root back: users run later, so that theirs is known.
  const toRoot: number[] = [];
  for (const { id, outputs } of operations.toReversed()) {
    const after = outputs.flatMap((output) => tensors[output].users.map((user) => toRoot[user]));
    toRoot[id] = 1 + Math.max(0, ...after);
  }
  const longest = Math.max(...toRoot);
  return {
    ...graph,
    operations: operations.map((operation) => ({
      ...operation,
      layer: 1 + longest - toRoot[operation.id],
    })),
  };
}

/**
 * Steps of what an unrolled layer does. Its projection is taken apart, a part for each step; what is made of
 * a part belongs to its step, until the outputs are put together. What reads the state before alone (a
 * recurrent product) belongs to the step of those that read it.
 */
function withSteps({ operations, tensors }: ComputationGraph): GraphOperation[] {
  const steps = new Map<number, number>();
  /** Whether it takes a projected sequence apart; the state before the first step is taken apart by layers. */
  const isCut = ({ id, name, inputs: [input], outputs }: GraphOperation): boolean => {
    const { producer, shape } = tensors[input];
    return (
      name === 'unbind' &&
      producer !== null &&
      !steps.has(id) &&
      // A step's gates, taken apart, are narrower.
      tensors[outputs[0]].shape.at(-1) === shape.at(-1)
    );
  };
  const cuts = new Set<number>();
  const stepOf = (tensor: number): number => {
    const producer = tensors[tensor].producer ?? -1;
    return cuts.has(producer)
      ? 1 + operations[producer].outputs.indexOf(tensor)
      : (steps.get(producer) ?? 0);
  };
  for (const operation of operations) {
    const { id, name, inputs } = operation;
    const joins = name === 'cat' && inputs.length > 1;
    const step = joins ? 0 : Math.max(0, ...inputs.map(stepOf));
    if (step > 0) steps.set(id, step);
    if (isCut(operation)) cuts.add(id);
  }
  for (const { id, outputs } of operations.toReversed()) {
    const users = outputs.flatMap((output) => tensors[output].users);
    const latest = Math.min(...users.map((user) => steps.get(user) ?? 0));
    if (users.length > 0 && !cuts.has(id) && latest > (steps.get(id) ?? 0)) steps.set(id, latest);
  }
  return operations.map((operation) => ({ ...operation, step: steps.get(operation.id) ?? null }));
}
