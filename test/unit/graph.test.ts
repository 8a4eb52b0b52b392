/** The graph of a step as plain data. */
import { beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';

import {
  ArgumentError,
  backward,
  Generator,
  GraphError,
  mul,
  openDevice,
  reshape,
  scope,
  sum,
  tensor,
  Tensor,
} from '../../src/index';
import type { Device } from '../../src/index';
import { charGraph, statistics, traceGraph } from '../../src/inspect/index';
import type { ComputationGraph } from '../../src/inspect/index';
import { CELL_NAMES, CharModel, completeConfig } from '../../src/train/index';
import { rejected } from '../setup/nn_helpers';

const [VOCABULARY, HIDDEN, SEQ, BATCH] = [7, 4, 3, 2];

let device: Device;
beforeEach(async () => {
  device = await openDevice('cpu');
});

const window = {
  inputs: Int32Array.of(0, 1, 2, 3, 4, 5),
  targets: Int32Array.of(2, 3, 4, 5, 6, 0),
  ...{ seq: SEQ, batch: BATCH },
};

function model(settings: object, fused = false): CharModel {
  const config = completeConfig({ hidden: HIDDEN, embedding: 5, ...settings });
  return new CharModel(device, VOCABULARY, config, 1, new Generator(device, 1), { fused });
}

function counts({ operations }: ComputationGraph): Record<string, number> {
  const result: Record<string, number> = {};
  for (const { name } of operations) result[name] = (result[name] ?? 0) + 1;
  return result;
}

const named = ({ tensors }: ComputationGraph, name: string) =>
  tensors.find((value) => value.name === name)!;

/** Every edge runs both ways, from an earlier layer to a later one. */
function expectSound({ operations, tensors, root }: ComputationGraph): void {
  for (const { id, inputs, outputs, layer } of operations) {
    for (const input of inputs) {
      expect(tensors[input].users).toContain(id);
      const { producer } = tensors[input];
      if (producer !== null) expect(operations[producer].layer).toBeLessThan(layer);
    }
    for (const output of outputs) expect(tensors[output].producer).toBe(id);
  }
  const uses = operations.reduce((total, { inputs }) => total + inputs.length, 0);
  expect(tensors.reduce((total, { users }) => total + users.length, 0)).toBe(uses);
  for (const { shape, value, gradient } of tensors) {
    const size = shape.reduce((product, n) => product * n, 1);
    expect(value).toHaveLength(size);
    if (gradient) expect(gradient).toHaveLength(size);
  }
  expect(tensors[root].shape).toEqual([]);
  expect(tensors[root].gradient).toEqual(Float32Array.of(1));
  expect(tensors[root].users).toEqual([]);
}

describe('unrolled', () => {
  test('an LSTM: its operations, its shapes, and the weight that all steps share', async () => {
    const net = model({ cell: 'lstm' });
    const live = device.memory().liveTensors;
    const graph = await charGraph(net, window);
    expect(device.memory().liveTensors).toBe(live);
    expectSound(graph);
    expect(counts(graph)).toEqual({
      gather: 1,
      // The projection, and one product for each step.
      linear: 1 + SEQ,
      // Of the sequence, and of the gates of each step.
      unbind: 1 + SEQ,
      // Both biases; the products, and what c keeps and takes up.
      add: 1 + 2 * SEQ,
      sigmoid: 3 * SEQ,
      tanh: 2 * SEQ,
      mul: 3 * SEQ,
      cat: 1,
      linearCrossEntropy: 1,
    });
    const parameters = graph.tensors.filter(({ kind }) => kind === 'parameter');
    expect(parameters.map(({ name }) => name).sort()).toEqual([...net.stateDict().keys()].sort());
    const shared = named(graph, 'rnn.weight_hh_l0');
    expect(shared.shape).toEqual([4 * HIDDEN, HIDDEN]);
    expect(shared.users).toHaveLength(SEQ);
    expect(new Set(shared.users).size).toBe(SEQ);
    expect(shared.users.map((user) => graph.operations[user].step)).toEqual([1, 2, 3]);
    expect(named(graph, 'rnn.weight_ih_l0').users).toHaveLength(1);
    // The state before the first step is an input, and is differentiated too.
    expect(named(graph, 'h0')).toMatchObject({ kind: 'input', shape: [1, BATCH, HIDDEN] });
    expect(named(graph, 'c0').gradient).not.toBeNull();

    // Of each step the same operations, one behind the other from left to right.
    const ofStep = (step: number) =>
      graph.operations.filter((operation) => operation.step === step);
    const names = ofStep(1).map(({ name }) => name);
    expect(names.sort()).toEqual(
      ['linear', 'unbind', 'tanh', 'tanh']
        .concat(...['sigmoid', 'mul'].map((name) => new Array<string>(3).fill(name)))
        .concat('add', 'add')
        .sort(),
    );
    for (const step of [2, 3]) {
      expect(
        ofStep(step)
          .map(({ name }) => name)
          .sort(),
      ).toEqual(names);
      const [before, own] = [step - 1, step].map((at) =>
        graph.operations.find(({ name, step }) => name === 'linear' && step === at)!,
      );
      expect(own.layer).toBeGreaterThan(before.layer);
    }
    const whole = graph.operations.filter(({ step }) => step === null);
    expect(whole.map(({ name }) => name)).toEqual([
      'gather',
      'add',
      'linear',
      'unbind',
      'cat',
      'linearCrossEntropy',
    ]);
  });

  test.each(CELL_NAMES.filter((cell) => cell !== 'lstm'))(
    '%s of two layers with one-hot input',
    async (cell) => {
      const net = model({ cell, layers: 2, embedding: 0 });
      const graph = await charGraph(net, window);
      expectSound(graph);
      expect(counts(graph)).toMatchObject({ linearCrossEntropy: 1 });
      expect(counts(graph).gather).toBeUndefined();
      for (const layer of [0, 1]) {
        // What a layer reads at each step: the recurrent weights, or the vectors instead.
        const [first] = net.rnn.cells[layer].weight_hh ? ['weight_hh'] : ['weight_u'];
        const value = named(graph, `rnn.${first}_l${layer}`);
        // Its parts, where it is taken apart once for all steps.
        const parts = value.users.flatMap((user) => graph.operations[user].outputs);
        const cut = value.users.length === 1;
        const users = cut ? parts.flatMap((part) => graph.tensors[part].users) : value.users;
        const steps = users.map((user) => graph.operations[user].step);
        expect([...new Set(steps)]).toEqual([1, 2, 3]);
        const each = steps.length / SEQ;
        expect(steps.filter((step) => step === 1)).toHaveLength(each);
      }
      const unnamed = graph.tensors.filter(({ kind, name }) => kind === 'input' && !name);
      expect(unnamed.map(({ shape }) => shape)).toContainEqual([SEQ * BATCH, VOCABULARY]);
    },
  );
});

test('as it is trained: a layer is one operation', async () => {
  const graph = await charGraph(model({ cell: 'lstm' }, true), window);
  expectSound(graph);
  expect(counts(graph)).toEqual({ gather: 1, scan: 1, linearCrossEntropy: 1 });
  expect(named(graph, 'rnn.weight_hh_l0').users).toHaveLength(1);
  expect(graph.operations.map(({ step }) => step)).toEqual([null, null, null]);
});

test("values are those of the forward pass, and parameters' gradients those of backward", async () => {
  const net = model({ cell: 'gru' });
  const graph = await charGraph(net, window);
  const fused = await charGraph(model({ cell: 'gru' }, true), window);
  const loss = scope(() => {
    const options = { dtype: 'i32' } as const;
    const ids = tensor(device, window.inputs, [SEQ, BATCH], options);
    const labels = tensor(device, window.targets, [SEQ * BATCH], options);
    const { loss } = net.loss({ ids, labels }, net.zeroState(BATCH));
    backward(loss);
    return loss;
  });
  expect(graph.tensors[graph.root].value[0]).toBe(await loss.item());
  for (const [name, parameter] of net.namedParameters()) {
    const found = named(graph, name);
    expect(found.value).toEqual(await parameter.data());
    expect(found.gradient).toEqual(await parameter.grad!.data());
    const { norm } = statistics(found.gradient!);
    expect(norm).toBeGreaterThan(0);
    expect(statistics(named(fused, name).gradient!).norm).toBeCloseTo(norm, 6);
  }
  expect(await rejected(ArgumentError, charGraph(net, window))).toMatch(/has a gradient/);
});

test('gradients within the graph, worked out by hand', async () => {
  const x = tensor(device, [1, 2, 3], [3], { requiresGrad: true });
  const graph = await traceGraph(
    () => {
      const squares = mul(x, x);
      return sum(mul(squares, squares));
    },
    { parameters: [['x', x]] },
  );
  expect(graph.operations.map(({ name }) => name)).toEqual(['mul', 'mul', 'sum']);
  const [leaf, squares, fourth] = graph.tensors;
  expect(leaf).toMatchObject({ name: 'x', users: [0, 0], producer: null });
  expect([...leaf.gradient!]).toEqual([4, 32, 108]);
  expect([...squares.value]).toEqual([1, 4, 9]);
  expect([...squares.gradient!]).toEqual([2, 8, 18]);
  expect([...fourth.gradient!]).toEqual([1, 1, 1]);
  expect(x.grad).toBeUndefined();
});

describe('what cannot be traced', () => {
  const leaf = (values: number[], shape: number[] = []) =>
    tensor(device, values, shape, { requiresGrad: true });

  test('a root without an operation: the tensors of the caller stay', async () => {
    const w = leaf([2]);
    const constant = tensor(device, [3], []);
    const parameters = [['w', w]] as const;
    for (const forward of [
      () => w,
      () => constant,
      () => reshape(w, []),
      () => tensor(device, [1], []),
    ]) {
      const live = device.memory().liveTensors;
      expect(await rejected(GraphError, traceGraph(forward, { parameters }))).toMatch(
        /^traceGraph: forward recorded no operation/,
      );
      expect(device.memory().liveTensors).toBe(live);
    }
    expect([await w.item(), await constant.item()]).toEqual([2, 3]);
    expect(w.grad).toBeUndefined();
  });

  test('a graph that began before', async () => {
    const w = leaf([2]);
    const square = mul(w, w);
    const parameters = [['w', w]] as const;
    for (const forward of [() => square, () => mul(square, w)]) {
      const message = await rejected(GraphError, traceGraph(forward, { parameters }));
      expect(message).toMatch(/goes on from what mul made before it/);
    }
    expect(await square.item()).toBe(4);
    backward(square);
    expect(await w.grad!.item()).toBe(4);
  });

  test('no scalar: nothing is left, and every read is waited for', async () => {
    const w = leaf([1, 2], [2]);
    const live = device.memory().liveTensors;
    let [asked, over] = [0, 0];
    const spy = vi.spyOn(Tensor.prototype, 'data').mockImplementation(async () => {
      asked++;
      await new Promise((resolve) => setTimeout(resolve, 1));
      over++;
      throw new Error('the device was lost');
    });
    onTestFinished(() => spy.mockRestore());
    const message = await rejected(
      GraphError,
      traceGraph(() => mul(w, w), { parameters: [['w', w]] }),
    );
    expect(message).toMatch(/reduce it to a scalar/);
    expect([asked, over]).toEqual([2, 2]);
    expect(device.memory().liveTensors).toBe(live);
  });
});

describe('statistics', () => {
  test('of a few numbers', () => {
    const found = statistics([1, 3, -2, 2]);
    expect(found).toMatchObject({ count: 4, mean: 1, min: -2, max: 3, norm: Math.sqrt(18) });
    // Deviations 0, 2, -3, 1.
    expect(found.std).toBe(Math.sqrt(14 / 4));
  });

  test('of none, and of what is no number', () => {
    expect(statistics([])).toMatchObject({ count: 0, mean: NaN, min: NaN, max: NaN, norm: 0 });
    expect(statistics([1, NaN])).toMatchObject({ mean: NaN, std: NaN, min: NaN, max: NaN });
  });
});
