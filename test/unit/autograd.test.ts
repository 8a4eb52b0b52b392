import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  abs,
  add,
  ArgumentError,
  assign,
  backward,
  clamp,
  crossEntropy,
  detach,
  dispose,
  DisposedError,
  exp,
  expand,
  GraphError,
  gt,
  linear,
  linearCrossEntropy,
  matmul,
  mean,
  mul,
  neg,
  noGrad,
  openDevice,
  permute,
  relu,
  reshape,
  scan,
  scope,
  softmax,
  split,
  square,
  stack,
  sub,
  sum,
  tanh,
  tensor,
  unbind,
} from '../../src/index';
import type { Device, Tensor } from '../../src/index';
import { CELLS } from '../setup/cells';
import { tanhOfSum } from '../setup/one_gradient';
import { expectClose } from '../setup/fixtures';
import { expectGradients } from '../setup/gradients';

let device: Device;
beforeEach(async () => {
  device = await openDevice('cpu');
});
afterEach(() => device.dispose());

/** An f64 leaf with a gradient. */
function leaf(values: number[], shape?: number[]): Tensor {
  return tensor(device, values, shape, { dtype: 'f64', requiresGrad: true });
}

function constant(values: number[], shape?: number[]): Tensor {
  return tensor(device, values, shape, { dtype: 'f64' });
}

const live = (): number => device.memory().liveTensors;
const valuesOf = async (x: Tensor | undefined): Promise<number[]> => [...((await x?.data()) ?? [])];

describe('scope', () => {
  test('frees what was made in it, and nothing else', async () => {
    const x = constant([1, 2]);
    let inner: Tensor | undefined;
    const y = scope(() => {
      inner = exp(x);
      return add(inner, 1);
    });
    expect(inner?.disposed).toBe(true);
    expect([x.disposed, y.disposed]).toEqual([false, false]);
    expect(live()).toBe(2);
    expectClose(await y.data(), [Math.E + 1, Math.E ** 2 + 1], { atol: 1e-12, rtol: 0 });
  });

  test('keeps tensors in arrays and plain objects', () => {
    const x = constant([1]);
    const result = scope(() => {
      exp(x);
      return { pair: [exp(x), [neg(x)]], named: { y: abs(x) }, text: 'text', nothing: undefined };
    });
    expect(live()).toBe(4);
    dispose(result);
    expect(live()).toBe(1);
  });

  test('nested: a result passes to the enclosing scope, which frees it', () => {
    const x = constant([1]);
    let returned: Tensor | undefined;
    scope(() => {
      returned = scope(() => exp(exp(x)));
      expect(returned.disposed).toBe(false);
      expect(live()).toBe(2);
    });
    expect(returned?.disposed).toBe(true);
    expect(live()).toBe(1);
  });

  test('returning an outer tensor does not hand it to the enclosing scope', () => {
    const x = constant([1]);
    scope(() => {
      scope(() => x);
    });
    expect(x.disposed).toBe(false);
  });

  test('frees after an exception, and leaves the scopes in order', () => {
    const x = constant([1]);
    const fails = (): void =>
      scope(() => {
        exp(x);
        throw new Error('inside');
      });
    expect(fails).toThrow('inside');
    expect(live()).toBe(1);
    const outside = exp(x);
    expect(outside.disposed).toBe(false);
  });

  test('refuses an async body, and frees what it made', () => {
    const x = constant([1]);
    const body = async (): Promise<Tensor> => exp(x);
    expect(() => scope(body)).toThrow(ArgumentError);
    expect(live()).toBe(1);
  });

  test('an async body that rejects is refused all the same, without an unhandled rejection', async () => {
    const body = (): Promise<never> => Promise.reject(new Error('later'));
    expect(() => scope(body)).toThrow(/scope: the body is async/);
    await new Promise((resolve) => setTimeout(resolve));
  });

  test('the graph holds what backward needs beyond the scope', async () => {
    const x = leaf([0.5, -1]);
    const loss = scope(() => sum(square(tanh(x))));
    backward(loss);
    expectClose(
      await valuesOf(x.grad),
      [0.5, -1].map((v) => 2 * Math.tanh(v) * (1 - Math.tanh(v) ** 2)),
      { atol: 1e-12, rtol: 0 },
    );
    loss.dispose();
    x.dispose();
    expect(device.memory()).toMatchObject({ liveTensors: 0, liveBytes: 0 });
  });

  test('a gradient left by a backward in a scope outlives it', () => {
    const x = leaf([1, 2]);
    scope(() => backward(sum(square(x))));
    scope(() => backward(sum(exp(x))));
    expect(x.grad?.disposed).toBe(false);
    expect(live()).toBe(2);
  });
});

describe('dispose', () => {
  test('twice is once', () => {
    const x = constant([1]);
    const y = reshape(x, [1, 1]);
    x.dispose();
    x.dispose();
    expect(device.memory()).toMatchObject({ liveTensors: 1, liveBytes: 8 });
    y.dispose();
    expect(device.memory()).toMatchObject({ liveTensors: 0, liveBytes: 0 });
  });

  test('a view lives on without its source', async () => {
    const x = constant([1, 2]);
    const y = detach(x);
    x.dispose();
    expect(await valuesOf(y)).toEqual([1, 2]);
  });

  test('takes the gradient along', () => {
    const x = leaf([1]);
    backward(x);
    expect(live()).toBe(2);
    x.dispose();
    expect(live()).toBe(0);
  });

  test('use afterwards is a DisposedError that tells the shape', async () => {
    const x = leaf([1, 2], [1, 2]);
    x.dispose();
    const message = /a tensor of shape \[1, 2\] was freed/;
    for (const use of [
      () => exp(x),
      () => add(x, x),
      () => matmul(x, x, { transposeB: true }),
      () => reshape(x, [2]),
      () => permute(x, [1, 0]),
      () => backward(x),
      () => x.write([1, 2]),
    ]) {
      expect(use).toThrow(DisposedError);
      expect(use).toThrow(message);
    }
    await expect(x.data()).rejects.toThrow(DisposedError);
  });

  test('a refused use leaves nothing behind', () => {
    const x = constant([1]);
    x.dispose();
    expect(() => exp(x)).toThrow(DisposedError);
    expect(live()).toBe(0);
  });
});

describe('backward', () => {
  test('frees what lies between, not the root, the leaves, constants or what was detached', () => {
    const x = leaf([1, 2]);
    const w = constant([3, 4]);
    const y = mul(x, w);
    const kept = detach(y);
    const z = exp(y);
    const root = sum(z);
    backward(root);
    expect([y, z].map((t) => t.disposed)).toEqual([true, true]);
    expect([x, w, kept, root].map((t) => t.disposed)).toEqual([false, false, false, false]);
    expect(live()).toBe(5);
    expect(x.grad?.disposed).toBe(false);
  });

  test('a second one is a GraphError that names the way out', () => {
    const x = leaf([1, 2]);
    const root = sum(exp(x));
    backward(root);
    expect(() => backward(root)).toThrow(GraphError);
    expect(() => backward(root)).toThrow(/freed by an earlier backward.*retainGraph/);
  });

  test('so is one through a part that an earlier one freed', () => {
    const x = leaf([1, 2]);
    const shared = exp(x);
    const first = sum(shared);
    const second = mean(shared);
    backward(first);
    expect(() => backward(second)).toThrow(GraphError);
  });

  test('retainGraph keeps the graph, for as often as it is given', async () => {
    const x = leaf([1, 2]);
    const root = sum(square(x));
    backward(root, { retainGraph: true });
    backward(root, { retainGraph: true });
    expect(await valuesOf(x.grad)).toEqual([4, 8]);
    backward(root);
    expect(await valuesOf(x.grad)).toEqual([6, 12]);
    dispose([root, x]);
    expect(live()).toBe(0);
  });

  test('gradients of two graphs add up', async () => {
    const x = leaf([1, 2]);
    backward(sum(square(x)));
    backward(sum(mul(x, 10)));
    expect(await valuesOf(x.grad)).toEqual([12, 14]);
  });

  test('a root that is a leaf gets the gradient itself', async () => {
    const x = leaf([1, 2]);
    backward(x, { gradient: constant([3, 5]) });
    expect(await valuesOf(x.grad)).toEqual([3, 5]);
  });

  test('the given gradient weighs the outputs, and stays the caller’s', async () => {
    const x = leaf([1, 2]);
    const gradient = constant([10, 100], [2, 1]);
    backward(reshape(x, [2, 1]), { gradient });
    backward(reshape(square(x), [2, 1]), { gradient });
    expect(await valuesOf(x.grad)).toEqual([30, 500]);
    expect(await valuesOf(gradient)).toEqual([10, 100]);
    gradient.dispose();
    expect(await valuesOf(x.grad)).toEqual([30, 500]);
  });

  test('a gradient of its own: a change of the given one does not reach it', async () => {
    const x = leaf([1, 2]);
    const gradient = constant([10, 100]);
    backward(reshape(x, [2]), { gradient });
    gradient.write([0, 0]);
    expect(await valuesOf(x.grad)).toEqual([10, 100]);
  });

  test('no two leaves share one gradient, which an update in place would change twice', async () => {
    const gx = leaf([0.1, 0.2]);
    const gh = leaf([0.3, 0.4]);
    backward(sum(tanhOfSum(gx, gh)));
    const before = await valuesOf(gh.grad);
    gx.grad!.write([0, 0]);
    expect(await valuesOf(gh.grad)).toEqual(before);
  });

  test('refuses what was not recorded, and a root that is no scalar', () => {
    expect(() => backward(sum(constant([1, 2])))).toThrow(GraphError);
    expect(() => backward(exp(leaf([1, 2])))).toThrow(GraphError);
    expect(() => backward(exp(leaf([1, 2])))).toThrow(/root has shape \[2\]/);
  });

  test('inputs without requiresGrad get none', () => {
    const x = leaf([1, 2]);
    const w = constant([3, 4]);
    backward(sum(mul(x, w)));
    expect(w.grad).toBeUndefined();
  });
});

test.each([-100, 1, null])(
  'a loss has the same gradients by no gradient, a 1, and half of 2, with ignoreIndex %s',
  async (ignoreIndex) => {
    const [x, weight] = [leaf([1, -2, 3, 0.5, 0.1, 2], [3, 2]), leaf([1, 0.5, -1, 2], [2, 2])];
    const bias = leaf([0.5, -0.5]);
    const targets = tensor(device, [0, 1, 0], [3], { dtype: 'i32' });
    const gradients: number[][] = [];
    for (const gradient of [undefined, 1, 2]) {
      for (const retainGraph of [false, true]) {
        const loss = linearCrossEntropy(x, weight, bias, targets, { ignoreIndex });
        const root = gradient === undefined ? undefined : constant([gradient], []);
        backward(loss, { gradient: root, retainGraph });
        const grads = await Promise.all([x, weight, bias].map((leaf) => valuesOf(leaf.grad)));
        gradients.push(grads.flat().map((value) => value / (gradient ?? 1)));
        for (const leaf of [x, weight, bias]) {
          leaf.grad!.dispose();
          leaf.grad = undefined;
        }
      }
    }
    for (const other of gradients) expectClose(other, gradients[0], { atol: 0, rtol: 1e-12 });
    expect(Math.max(...gradients[0].map(Math.abs))).toBeGreaterThan(0.1);
  },
);

describe('cutting the graph', () => {
  test('noGrad records nothing, also nested and after an exception', () => {
    const x = leaf([1]);
    const y = noGrad(() => noGrad(() => exp(x)));
    expect(y.requiresGrad).toBe(false);
    expect(() =>
      noGrad(() => {
        throw new Error('inside');
      }),
    ).toThrow('inside');
    expect(exp(x).requiresGrad).toBe(true);
  });

  test('noGrad refuses an async body', () => {
    expect(() => noGrad(async () => 1)).toThrow(/noGrad: the body is async/);
    expect(exp(leaf([1])).requiresGrad).toBe(true);
  });

  test('noGrad leaves no memory to the graph', () => {
    const x = leaf([1, 2]);
    const y = scope(() => noGrad(() => sum(exp(tanh(x)))));
    expect(live()).toBe(2);
    y.dispose();
    expect(live()).toBe(1);
  });

  test('gradients stop at detach', async () => {
    const x = leaf([3]);
    backward(sum(mul(x, detach(square(x)))));
    expect(await valuesOf(x.grad)).toEqual([9]);
  });

  test('assign copies values, outside the graph, and backward tells of what was saved', async () => {
    const [w, kept] = [leaf([2, 3]), constant([5, 6])];
    const made = mul(w, w);
    assign(kept, made);
    expect(await valuesOf(kept)).toEqual([4, 9]);
    expect(kept.requiresGrad).toBe(false);
    const root = sum(mul(w, kept));
    assign(kept, made);
    expect(() => backward(root)).toThrow(/changed in place/);
    expect(() => assign(kept, constant([1]))).toThrow(/source has shape \[1\]/);
  });

  test('a state carried by detach outlives the window that made it', async () => {
    const w = leaf([0.5]);
    let state = constant([1]);
    for (let window = 0; window < 3; window++) {
      const [loss, next] = scope(() => {
        const h = tanh(mul(tanh(mul(state, w)), w));
        return [sum(square(h)), detach(h)] as const;
      });
      backward(loss);
      dispose([loss, state]);
      state = next;
      expect(live()).toBe(3);
    }
    const f = (h: number): number => Math.tanh(0.5 * Math.tanh(0.5 * h));
    expectClose(await state.data(), [f(f(f(1)))], { atol: 1e-12, rtol: 0 });
  });

  test('a comparison has no gradient', () => {
    const x = leaf([-1, 1]);
    expect(gt(x, 0).requiresGrad).toBe(false);
  });
});

describe('fan-out', () => {
  test.each<[string, (x: Tensor) => Tensor]>([
    ['twice the same', (x) => add(x, x)],
    ['a view and itself', (x) => add(reshape(add(x, x), [4]), reshape(x, [4]))],
    ['views of views', (x) => add(reshape(reshape(x, [4]), [2, 2]), x)],
    ['a view, and a view of it, both used', (x) => views(x)],
    ['a diamond', (x) => diamond(x)],
    ['deep: sums of sums', (x) => doubling(x)],
    ['one gradient for two inputs', (x) => tanhOfSum(x, x)],
    ['one gradient for two inputs, one of them also used', (x) => sharedGradient(x)],
    ['an expansion that repeats nothing', (x) => mul(add(expand(x, [2, 2]), x), expand(x, [2, 2]))],
    ['matrix by itself', (x) => matmul(x, x)],
    ['stacked with itself', (x) => stack([x, x, exp(x)])],
    ['a root that is also an input', (x) => sub(x, mul(x, x))],
  ])('%s', async (_, body) => {
    const x = leaf([0.3, -0.7, 1.1, 0.2], [2, 2]);
    await expectGradients(body, [x]);
    await expectGradients((y) => body(tanh(y)), [x]);
    x.dispose();
    expect(live()).toBe(0);
  });

  function views(x: Tensor): Tensor {
    const flat = reshape(x, [4]);
    const again = reshape(flat, [2, 2]);
    return mul(add(again, reshape(flat, [2, 2])), add(x, again));
  }

  function diamond(x: Tensor): Tensor {
    const shared = tanh(x);
    return mul(add(exp(shared), shared), sub(square(shared), shared));
  }

  /** tanhOfSum gives gx and gh one gradient; that of square is added to the part of gx only. */
  function sharedGradient(x: Tensor): Tensor {
    const gx = tanh(x);
    const gh = exp(x);
    const used = square(gx);
    return mul(tanhOfSum(gx, gh), used);
  }

  function doubling(x: Tensor): Tensor {
    let y = x;
    for (let i = 0; i < 6; i++) y = add(y, reshape(y, [2, 2]));
    return y;
  }

  test('accumulation in place never reaches a gradient that another tensor sees', async () => {
    // The gradient of reshape is a view of its own output's gradient, for a and for b.
    const x = leaf([1, 2]);
    const a = reshape(x, [2, 1]);
    const b = reshape(x, [1, 2]);
    const gradient = constant([1, 10], [2, 1]);
    const root = add(a, reshape(b, [2, 1]));
    backward(root, { gradient, retainGraph: true });
    expect(await valuesOf(x.grad)).toEqual([2, 20]);
    backward(a, { gradient, retainGraph: true });
    backward(a, { gradient });
    expect(await valuesOf(x.grad)).toEqual([4, 40]);
    expect(await valuesOf(gradient)).toEqual([1, 10]);
  });

  test('outputs of one node: used both, or one alone', async () => {
    const inputs = [leaf([0.1, 0.2, 0.3, 0.4], [1, 1, 4]), leaf([2], [1, 1])];
    const identity = Array.from({ length: 16 }, (_, i) => (i % 5 === 0 ? 1 : 0));
    const weights = {
      weight_ih: constant(identity, [4, 4]),
      weight_hh: constant([0, 0, 0, 0], [4, 1]),
    };
    const cell = (z: Tensor, c: Tensor): [Tensor, Tensor] => {
      const { output, state } = scan(CELLS.lstm, z, weights, [constant([0], [1, 1]), c]);
      return [output, reshape(state[1], [1, 1, 1])];
    };
    await expectGradients((z, c) => {
      const [h, next] = cell(z, c);
      return mul(h, add(next, h));
    }, inputs);
    await expectGradients((z, c) => exp(cell(z, c)[1]), inputs);
  });
});

describe('deep graphs', () => {
  test.each([5_000, 100_000])('%i operations in a chain', async (depth) => {
    const x = leaf([0.5]);
    const step = constant([1e-6]);
    const root = scope(() => {
      let y: Tensor = x;
      for (let i = 0; i < depth; i++) y = i % 2 ? add(y, step) : mul(y, 1);
      return y;
    });
    backward(root);
    expect(await valuesOf(x.grad)).toEqual([1]);
    expectClose(await root.data(), [0.5 + (depth / 2) * 1e-6], { atol: 1e-9, rtol: 0 });
    dispose([root, x, step]);
    expect(live()).toBe(0);
  });

  test('a chain that uses its start at every step', async () => {
    const x = leaf([0.25]);
    let y: Tensor = x;
    for (let i = 0; i < 5_000; i++) y = add(y, x);
    backward(y);
    expect(await valuesOf(x.grad)).toEqual([5_001]);
  });
});

describe('memory', () => {
  test('is flat over a thousand steps', () => {
    const weight = tensor(device, [0.1, -0.2, 0.3, 0.4, 0.5, -0.6], [3, 2], { requiresGrad: true });
    const bias = tensor(device, [0, 0, 0], [3], { requiresGrad: true });
    const targets = tensor(device, [0, 2], [2], { dtype: 'i32' });
    const step = (): void => {
      scope(() => {
        const x = tensor(device, [1, 2, 3, 4], [2, 2]);
        backward(crossEntropy(relu(linear(tanh(x), weight, bias)), targets));
      });
      for (const parameter of [weight, bias]) {
        parameter.grad?.dispose();
        parameter.grad = undefined;
      }
    };
    step();
    const after = device.memory();
    expect(after.liveTensors).toBe(3);
    for (let i = 0; i < 1_000; i++) {
      step();
      expect(device.memory()).toEqual(after);
    }
  });

  test.each<[string, number[], (x: Tensor, y: Tensor) => Tensor]>([
    ['mean over dims apart', [2, 3, 4], (x) => mean(x, { dim: [0, 2] })],
    ['clamp', [2, 3], (x) => clamp(x, { min: -0.1, max: 0.1 })],
    ['clamp of an intermediate', [2, 3], (x) => clamp(exp(x), { max: 1 })],
    ['softmax over dim 0', [2, 3], (x) => softmax(x, 0)],
    ['linear of 3 dimensions', [2, 2, 3], (x, w) => linear(x, reshape(w, [1, 3]))],
    [
      'linear with an activation',
      [2, 3],
      (x, w) => linear(x, reshape(w, [1, 3]), undefined, { activation: 'tanh' }),
    ],
    ['stack', [3], (x, y) => stack([x, y, x], 1)],
    ['matmul with a batch', [2, 2, 3], (x, w) => matmul(x, reshape(w, [3, 1]))],
    ['matmul of vectors', [3], (x, y) => matmul(x, y)],
    ['a comparison as a factor', [2, 3], (x) => scope(() => mul(x, gt(x, 0)))],
  ])('without a scope, nothing is left by %s', (_, shape, body) => {
    const size = shape.reduce((product, n) => product * n, 1);
    const x = leaf(
      Array.from({ length: size }, (_, i) => Math.sin(i)),
      shape,
    );
    const w = leaf([1, -2, 3]);
    const y = body(x, w);
    const loss = mean(square(y));
    backward(loss);
    loss.dispose();
    dispose([x, w]);
    expect(device.memory()).toMatchObject({ liveTensors: 0, liveBytes: 0 });
  });

  test.each<[string, (x: Tensor) => Tensor[]]>([
    ['unbind', (x) => unbind(x)],
    ['split into no sizes', (x) => split(x, [])],
  ])('nor, with a scope, by %s of a dimension of length 0, whose list is empty', (_, body) => {
    const x = leaf([], [0, 2]);
    expect(scope(() => body(tanh(x)))).toEqual([]);
    expect(live()).toBe(1);
    // And it is in nobody's way: another user of the same value leads a backward there.
    const loss = scope(() => {
      const y = tanh(x);
      body(y);
      return sum(y);
    });
    backward(loss);
    dispose([loss, x]);
    expect(device.memory()).toMatchObject({ liveTensors: 0, liveBytes: 0 });
  });

  test('split by a number gives a dimension of length 0 as one part', async () => {
    const x = leaf([], [0, 2]);
    const parts = split(x, 3);
    expect(parts.map(({ shape }) => shape)).toEqual([[0, 2]]);
    backward(sum(parts[0]));
    expect(await valuesOf(x.grad)).toEqual([]);
    expect(x.grad?.shape).toEqual([0, 2]);
  });

  test.each(['mean', 'sum', 'none'] as const)('nor by crossEntropy, %s', (reduction) => {
    const logits = leaf([1, 2, 3, 4, 5, 6, 7, 8], [2, 2, 2]);
    const targets = tensor(device, [0, 1, -100, 0], [2, 2], { dtype: 'i32' });
    const loss = sum(crossEntropy(exp(logits), targets, { reduction }));
    backward(loss);
    dispose([loss, logits, targets]);
    expect(device.memory()).toMatchObject({ liveTensors: 0, liveBytes: 0 });
  });

  test('freed memory is used again', () => {
    const x = constant([1, 2, 3]);
    exp(x).dispose();
    const { pooledBytes } = device.memory();
    expect(pooledBytes).toBe(24);
    exp(x).dispose();
    expect(device.memory().pooledBytes).toBe(pooledBytes);
  });
});
