/** The CTC loss against values that other implementations are tested with. */
import { describe, expect, test } from 'vitest';

import { ctcLoss, openDevice, permute, Random, slice, tensor } from '../../src/index';
import type { Device, DType } from '../../src/index';
import { padded, runCtc } from '../setup/ctc_loss';
import { expectClose } from '../setup/fixtures';

const device = await openDevice('cpu');
const reference = await openDevice('cpu', { reference: true });
const DEVICES: [string, Device, DType][] = [
  ['fast, f32', device, 'f32'],
  ['reference, f64', reference, 'f64'],
];

/** The logits of burn's tests, sin((7 t + 13 b + 3 c) / 10), as f32 values. */
function sines(time: number, batch: number, classes: number): number[] {
  return Array.from({ length: time * batch * classes }, (_, i) => {
    const [t, b] = [Math.floor(i / classes / batch), Math.floor(i / classes) % batch];
    return Math.fround(Math.sin((7 * t + 13 * b + 3 * (i % classes)) * 0.1));
  });
}

const cycle = (length: number): number[] => Array.from({ length }, (_, i) => (i % 35) + 1);

/** log of the softmax of each row. */
function logSoftmaxRows(values: readonly number[], classes: number): number[] {
  return values.map((x, i) => {
    const from = i - (i % classes);
    const row = values.slice(from, from + classes);
    return x - Math.log(row.reduce((sum, y) => sum + Math.exp(y), 0));
  });
}

/** Probabilities of two sequences of five frames and six classes, as TensorFlow's and warp-ctc's tests have them. */
const FIRST = [
  [0.633766, 0.221185, 0.0917319, 0.0129757, 0.0142857, 0.0260553],
  [0.111121, 0.588392, 0.278779, 0.0055756, 0.00569609, 0.010436],
  [0.0357786, 0.633813, 0.321418, 0.00249248, 0.00272882, 0.0037688],
  [0.0663296, 0.643849, 0.280111, 0.00283995, 0.0035545, 0.00331533],
  [0.458235, 0.396634, 0.123377, 0.00648837, 0.00903441, 0.00623107],
];
const SECOND = [
  [0.30176, 0.28562, 0.0831517, 0.0862751, 0.0816851, 0.161508],
  [0.24082, 0.397533, 0.0557226, 0.0546814, 0.0557528, 0.19549],
  [0.230246, 0.450868, 0.0389607, 0.038309, 0.0391602, 0.202456],
  [0.280884, 0.429522, 0.0326593, 0.0339046, 0.0326856, 0.190345],
  [0.423286, 0.315517, 0.0338439, 0.0393744, 0.0339315, 0.154046],
];

describe.each(DEVICES)('%s', (_, on, dtype) => {
  const double = dtype === 'f64';

  test('TensorFlow and warp-ctc: one alignment each, blank last, NaN behind the end', async () => {
    const [time, classes] = [7, 6];
    const values = Array.from({ length: time }, (_, t) =>
      [FIRST, SECOND].flatMap((rows) => rows[t]?.map(Math.log) ?? new Array(classes).fill(NaN)),
    ).flat();
    const targets = [
      [0, 1, 2, 1, 0],
      [0, 1, 1, 0],
    ];
    const given = { blank: 5, reduction: 'none' } as const;
    const batch = { values, time, classes, targets, frames: [5, 5] };
    const { loss, gradient } = await runCtc(batch, given, on, dtype);
    expectClose(loss, [3.34211, 5.42262], { atol: 1e-5, rtol: 0 });
    const paths = [
      [0, 1, 2, 1, 0],
      [0, 1, 5, 1, 0],
    ];
    gradient.forEach((g, i) => {
      const [t, b, c] = [Math.floor(i / 12), Math.floor(i / classes) % 2, i % classes];
      if (t >= 5) expect(g).toBe(0);
      else expect(g).toBeCloseTo([FIRST, SECOND][b][t][c] - Number(paths[b][t] === c), 5);
    });
  });

  test('warp-ctc: two labels in two frames', async () => {
    const values = [0.1, 0.6, 0.1, 0.1, 0.1, 0.1, 0.1, 0.6, 0.1, 0.1];
    const batch = { values, time: 2, classes: 5, targets: [[1, 2]] };
    const { loss } = await runCtc(batch, { reduction: 'sum' }, on, dtype);
    const probability = Math.exp(0.6) / (Math.exp(0.6) + 4 * Math.exp(0.1));
    expect(loss[0]).toBeCloseTo(-2 * Math.log(probability), 6);
  });

  test('warp-ctc: a label that is ruled out at every frame', async () => {
    const random = new Random(5);
    const [time, classes] = [50, 15];
    const values = Array.from({ length: time * classes }, (_, i) =>
      i % classes === 2 ? -1e30 : random.uniform(),
    );
    const targets = [[2, 5, 1, 9, 14, 3, 2, 2, 7, 11]];
    const { loss, gradient } = await runCtc({ values, time, classes, targets }, {}, on, dtype);
    expect(loss[0]).toBeGreaterThan(1e28);
    expect(gradient.every((g) => Math.abs(g) <= 1)).toBe(true);
  });

  // Losses, squares of the gradients of each sequence, and two rows, by PyTorch in double precision; the first
  // four are burn's, whose values are PyTorch's in single precision.
  test.each([
    {
      shape: [5, 3, 4] as const,
      targets: [[1, 2], [1], [3, 2, 1]],
      wanted: [3.5236572090231206, 3.4953140813541297, 4.262677586139701],
      squares: [1.0399918260547423, 1.0148770208866646, 1.3251732502194762],
      first: [-0.16790094718373813, -0.4595539205954565, 0.27955983826186465, 0.34789502951733],
      middle: [
        -0.13803189055229928, -0.21986860141303574, 0.20425968993240484, 0.15364080203293018,
      ],
    },
    {
      shape: [8, 4, 6] as const,
      targets: [[1, 1, 2], [2, 3, 2, 1], [5], [1, 2, 3, 4]],
      wanted: [8.842031035148251, 9.023029397253216, 9.398024786854045, 9.008066560011194],
      squares: [2.3785970836156043, 2.1942304312372647, 3.5481905785973713, 2.062221905072222],
      first: [-0.276643365430727, -0.5202970567372457, 0.15237698154273238, 0.1896237843789091],
      middle: [
        -0.11736990139780684, 0.12138291107457357, -0.17688944779119709, -0.20700075511633867,
      ],
    },
    {
      shape: [10, 2, 8] as const,
      targets: [
        [1, 3, 5, 7, 2],
        [2, 4, 6, 1, 3],
      ],
      wanted: [12.629399634169593, 12.298524990851089],
      squares: [2.8737499399838566, 2.5970688482820545],
      first: [-0.25709720314717555, -0.6013795958708255, 0.1061997587808507, 0.13215906993475074],
      middle: [
        -0.05044555683260823, -0.001222124050812006, 0.06443333752070096, 0.08183716024875436,
      ],
    },
    {
      shape: [12, 3, 5] as const,
      frames: [12, 7, 10],
      targets: [
        [1, 4, 2],
        [3, 1],
        [2, 4, 1, 3],
      ],
      wanted: [10.595506288440847, 6.807850807772481, 7.705056790758654],
      squares: [2.7102853091329533, 1.746506864724056, 1.5504339192995453],
      first: [-0.47909925062389147, -0.2554939946739368, 0.19916263292944922, 0.2478456508364334],
      middle: [-0.36196395009967625, -0.39292183614084175, 0.1820437265522048, 0.24541695561596047],
    },
    {
      shape: [400, 2, 36] as const,
      targets: [cycle(60), cycle(40)],
      wanted: [1190.698479877554, 1259.9731543877622],
      squares: [133.93128707929853, 134.77195239287343],
      first: [-0.5604774773121128, -0.39280197683084983, 0.03505934479956981, 0.04362919892119713],
      middle: [
        -0.39002053247409313, 0.020031535996838528, 0.015173755266859865, 0.012023413501839207,
      ],
    },
    {
      shape: [494, 2, 36] as const,
      frames: [494, 390],
      targets: [cycle(64), cycle(43)],
      wanted: [1500.6464342235413, 1209.45426011887],
      squares: [166.96625472446866, 137.5102149725479],
      first: [-0.6201267526006117, -0.3331527015421048, 0.035059344799560764, 0.04362919892120587],
      middle: [
        -0.13652323868729427, 0.0076847689094699636, 0.00837438166961034, 0.009893331092255622,
      ],
    },
  ])('PyTorch and burn: $shape', async ({ shape, frames, targets, wanted, squares, ...rows }) => {
    const [time, batch, classes] = shape;
    const given = { values: sines(time, batch, classes), time, classes, targets, frames };
    const { loss, gradient } = await runCtc(given, { reduction: 'none' }, on, dtype);
    expectClose(loss, wanted, { atol: 0, rtol: double ? 1e-12 : 1e-6 });
    const close = { atol: double ? 1e-11 : 1e-6, rtol: 0 };
    expectClose(gradient.slice(0, 4), rows.first, close);
    const middle = (Math.floor(time / 2) * batch + 1) * classes;
    expectClose(gradient.slice(middle, middle + 4), rows.middle, close);
    const found = targets.map((_, b) =>
      gradient.reduce((sum, g, i) => sum + (Math.floor(i / classes) % batch === b ? g * g : 0), 0),
    );
    expectClose(found, squares, { atol: 0, rtol: double ? 1e-11 : 1e-5 });
    if (time > 12) return;
    const sum = wanted.reduce((total, x) => total + x, 0);
    const mean = wanted.reduce((total, x, b) => total + x / targets[b].length, 0) / batch;
    const whole = { atol: 0, rtol: double ? 1e-12 : 1e-6 };
    expectClose((await runCtc(given, { reduction: 'sum' }, on, dtype)).loss, [sum], whole);
    expectClose((await runCtc(given, { reduction: 'mean' }, on, dtype)).loss, [mean], whole);
  });

  test('burn: even probabilities, counted by hand', async () => {
    const loss = async (time: number, classes: number, labels: number[], blank = 0) => {
      const values = new Array<number>(time * classes).fill(-Math.log(classes));
      const batch = { values, time, classes, targets: [labels] };
      const given = { blank, fromLogProbs: true, reduction: 'sum' } as const;
      return runCtc(batch, given, on, dtype);
    };
    expect((await loss(3, 2, [1, 1])).loss[0]).toBeCloseTo(3 * Math.LN2, 6);
    expect((await loss(3, 3, [0, 1], 2)).loss[0]).toBeCloseTo(-Math.log(5 / 27), 6);
    expect((await loss(2, 2, [1])).loss[0]).toBeCloseTo(-Math.log(0.75), 6);
    expect((await loss(3, 2, [])).loss[0]).toBeCloseTo(3 * Math.LN2, 6);
    expect(await loss(2, 3, [1, 1])).toEqual({ loss: [Infinity], gradient: [0, 0, 0, 0, 0, 0] });
  });

  test('burn: frames that are a part of others, and turned from [batch, time, classes]', async () => {
    const [full, batch, classes, skipped] = [10, 2, 4, 3];
    const values = sines(full, batch, classes);
    const targets = [
      [1, 2],
      [2, 3],
    ];
    const own = {
      values: values.slice(skipped * batch * classes),
      time: full - skipped,
      classes,
      targets,
    };
    const wanted = await runCtc(own, { reduction: 'none' }, on, dtype);
    const byBatch = Array.from({ length: values.length }, (_, i) => {
      const [b, t] = [Math.floor(i / classes / full), Math.floor(i / classes) % full];
      return values[(t * batch + b) * classes + (i % classes)];
    });
    const whole = tensor(on, byBatch, [batch, full, classes], { dtype });
    const part = slice(permute(whole, [1, 0, 2]), 0, { start: skipped });
    const lengths = { inputLengths: [7, 7], targetLengths: [2, 2], reduction: 'none' } as const;
    const loss = ctcLoss(part, padded(targets, on), lengths);
    expect([...(await loss.data())]).toEqual(wanted.loss);
  });

  test('optax: as many frames as labels and repeats are one alignment', async () => {
    const random = new Random(6);
    const classes = 5;
    const targets = [
      [1, 2, 2, 3],
      [2, 3, 4, 4],
      [1, 1, 1, 1],
      [1, 1, 2, 3],
      [1, 1, 1, 2],
      [3, 1, 4, 2],
    ];
    const paths = [
      [1, 2, 0, 2, 3],
      [2, 3, 4, 0, 4],
      [1, 0, 1, 0, 1, 0, 1],
      [1, 0, 1, 2, 3],
      [1, 0, 1, 0, 1, 2],
      [3, 1, 4, 2],
    ];
    const [time, batch] = [8, targets.length];
    const values = Array.from({ length: time * batch * classes }, () =>
      Math.fround(random.normal()),
    );
    const frames = paths.map(({ length }) => length);
    const given = { values, time, classes, targets, frames };
    const { loss, gradient } = await runCtc(given, { reduction: 'none' }, on, dtype);
    const logs = logSoftmaxRows(values, classes);
    const at = (t: number, b: number): number => (t * batch + b) * classes;
    const wanted = paths.map((path, b) => -path.reduce((sum, c, t) => sum + logs[at(t, b) + c], 0));
    expectClose(loss, wanted, { atol: 0, rtol: 1e-6 });
    for (const [b, path] of paths.entries()) {
      for (let t = 0; t < time; t++) {
        const row = Array.from({ length: classes }, (_, c) =>
          t < path.length ? Math.exp(logs[at(t, b) + c]) - Number(c === path[t]) : 0,
        );
        expectClose(gradient.slice(at(t, b), at(t, b) + classes), row, { atol: 1e-6, rtol: 0 });
      }
    }
  });
});
