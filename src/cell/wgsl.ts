import { inOrder, isConstant } from './expression';
import type { Expression } from './expression';
import { emit } from './statements';
import { knownOf } from './trace';
import type { CellNames, TracedStep } from './trace';

/** A run of gates whose recurrent products go to slots in a row. */
export interface Run {
  /** The first gate: its rows of weight_hh. */
  readonly gate: number;
  readonly count: number;
  readonly slot: number;
}

/** Of a cell: how its weights lie, and what a unit keeps. */
export interface CellShape extends CellNames {
  readonly gates: readonly string[];
  readonly dense: boolean;
  readonly biased: boolean;
  readonly runs: readonly Run[];
}

/** What a cell adds to the shaders of the scan in one direction. */
export interface CellShader {
  /** Constants, structs with a unit's numbers, the step or its gradient. */
  readonly own: string;
  /** What scan_forward.wgsl and scan_backward.wgsl need besides. */
  readonly perStep: string;
  /** The same of scan_whole_forward.wgsl and scan_whole_backward.wgsl. */
  readonly whole: string;
}

/** A struct of f32; WGSL has no empty ones. */
export function struct(name: string, fields: readonly string[]): string {
  const all = fields.length > 0 ? fields : ['none'];
  return `struct ${name} { ${all.map((field) => `${field}: f32`).join(', ')} }`;
}

/** A value of a struct; over several lines where it is long. */
export function build(name: string, values: readonly string[], indent = '  '): string {
  const all = values.length > 0 ? values : ['0.0'];
  const line = `${name}(${all.join(', ')})`;
  if (line.length + indent.length < 90) return line;
  return `${name}(\n${all.map((value) => `${indent}  ${value},\n`).join('')}${indent})`;
}

/** An index, `count` strides behind `from`. */
function offset(from: string, count: number, stride: string): string {
  if (count === 0) return from;
  return count === 1 ? `${from} + ${stride}` : `${from} + ${count}u * ${stride}`;
}

/** Functions that load or store the fields of a struct, `stride` apart from `at` on. */
function load(name: string, type: string, values: readonly string[]): string {
  return `fn ${name}(at: u32, stride: u32) -> ${type} {\n  return ${build(type, values)};\n}`;
}

/**
 * What a cell adds to the shaders of the scan, which tell what the names mean: constants, structs with
 * a unit's numbers, the step and its gradient.
 */
export function cellShaders(
  cell: CellShape,
  step: TracedStep,
  kept: readonly (Expression | undefined)[],
): { forward: CellShader; backward: CellShader } {
  const { slots, gates, state, vectors, dense, biased, runs } = cell;
  const fields = (kind: string, names: readonly string[]) => names.map((name) => `${kind}_${name}`);
  const [zs, ss, vs] = [fields('z', slots), fields('s', state), fields('v', vectors)];
  const prelude = [
    [
      `const SLOTS = ${slots.length}u;`,
      `const GATES = ${gates.length}u;`,
      `const VECTORS = ${vectors.length}u;`,
      `const BIASES = ${biased ? gates.length : 0}u;`,
    ].join('\n'),
    [struct('Slots', zs), struct('State', ss), struct('Vectors', vs)].join('\n'),
  ];
  const names = (members: readonly string[], of: string) =>
    members.map((member) => `${of}.${member}`);
  const named = (values: readonly Expression[], texts: readonly string[]) =>
    values.map((x, i) => [x, texts[i]] as const);

  const recurrentGate = slots.map((_, slot) => {
    const run = runs.find(({ slot: first, count }) => slot >= first && slot < first + count);
    return run ? run.gate + slot - run.slot : -1;
  });
  const bias = (gate: number) => ` + vectors[${offset('v', gate, 'H')}]`;
  // Of a gate that sees it apart, the recurrent product has a slot behind the gates.
  const inputs = slots.map((_, slot) => {
    const base = `gates[${offset('at', slot, 'H')}]`;
    const own = biased && recurrentGate[slot] >= 0 ? bias(recurrentGate[slot]) : '';
    if (!dense) return base;
    if (slot < gates.length) return `${base} + sum[${slot}]${own}`;
    return `select(${base}, sum[${slot}], recurrent == 1u)${own}`;
  });
  const f = emit(
    [...kept.flatMap((x) => (x ? [x] : [])), ...step.next],
    new Map([
      ...named(step.z, names(zs, 'z')),
      ...named(step.s, names(ss, 's')),
      ...named(step.v, names(vs, 'v')),
    ]),
  );
  const isRead = (roots: readonly Expression[], known: (x: Expression) => boolean) => {
    const all = new Set(inOrder(roots, known));
    return (x: Expression) => all.has(x);
  };
  const readForward = isRead([...kept.flatMap((x) => (x ? [x] : [])), ...step.next], () => false);
  const count = kept.filter((x) => x).length;
  let at = 0;
  const keptTexts = kept.map((x) => (x ? f.results[at++] : '0.0'));
  const forward = [
    ...prelude,
    struct('Step', []).replace('none: f32', 'kept: Slots, next: State'),
    `fn load_slots(at: u32, v: u32, sum: vec4<f32>) -> Slots {\n  let H = params.hidden;\n  return ${build('Slots', inputs)};\n}`,
    `fn store_slots(at: u32, kept: Slots) {\n  let H = params.hidden;\n${kept
      .map((x, i) => (x ? `  gates[${offset('at', i, 'H')}] = kept.${zs[i]};\n` : ''))
      .join('')}}`,
    loadState('load_state', step.s.map(readForward)),
    `fn store_state(at: u32, stride: u32, next: State) {\n${ss
      .map((member, i) => `  states[${offset('at', i, 'stride')}] = next.${member};\n`)
      .join('')}}`,
    loadVectors(vs),
    `fn output_of(s: State) -> f32 {\n  return s.${ss[0]};\n}`,
    `fn cell(z: Slots, s: State, v: Vectors) -> Step {\n${lines(f.lines)}  return Step(${build('Slots', keptTexts)}, ${build('State', f.results.slice(count))});\n}`,
  ];

  const known = knownOf(step, kept);
  const [K, S] = [slots.length, state.length];
  const knownTexts = [...names(zs, 'k'), ...names(ss, 's'), ...names(ss, 'next')];
  const b = emit(
    [...step.back.z, ...step.back.s, ...step.back.v],
    new Map([
      ...[...known].map(([x, slot]) => [x, knownTexts[slot]] as const),
      ...named(step.v, names(vs, 'v')),
      ...named(step.d, names(ss, 'd')),
      ...named(step.sums, names(vs, 'sums')),
      [step.dy, 'dy'] as const,
    ]),
  );
  const readBack = isRead([...step.back.z, ...step.back.s, ...step.back.v], (x) => known.has(x));
  const dstate = (i: number) => `dstate[${offset('at', i, 'stride')}]`;
  const backward = [
    ...prelude,
    // Whether a step hands a gradient to the output before by another way than the recurrent weights.
    `const CARRIES_OUTPUT = ${!isConstant(step.back.s[0], 0)};`,
    'struct Gradient { z: Slots, s: State, v: Vectors }',
    load(
      'load_kept',
      'Slots',
      zs.map((_, i) => (kept[i] ? `gates[${offset('at', i, 'stride')}]` : '0.0')),
    ),
    `fn store_slots(at: u32, dz: Slots) {\n  let H = params.hidden;\n${zs
      .map((member, i) => `  gates[${offset('at', i, 'H')}] = dz.${member};\n`)
      .join('')}}`,
    loadState('load_before', step.s.map(readBack)),
    loadState(
      'load_after',
      step.next.map((x) => !step.s.includes(x) && readBack(x)),
    ),
    loadVectors(vs),
    `fn load_gradient(at: u32, stride: u32, all: bool) -> State {\n  var d = ${build(
      'State',
      ss.map((_, i) => (i === 0 ? '0.0' : dstate(i))),
    )};\n  if (all) { d.${ss[0]} = dstate[at]; }\n  return d;\n}`,
    load(
      'load_sums',
      'Vectors',
      vs.map((_, i) => dstate(S + i)),
    ),
    `fn store_gradient(at: u32, stride: u32, g: Gradient, all: bool) {\n  if (all) { dstate[at] = g.s.${ss[0]}; }\n${[
      ...ss.map((member, i) => (i === 0 ? '' : `  ${dstate(i)} = g.s.${member};\n`)),
      ...vs.map((member, i) => `  ${dstate(S + i)} = g.v.${member};\n`),
    ].join('')}}`,
    `fn cell_gradient(k: Slots, s: State, next: State, v: Vectors, dy: f32, d: State, sums: Vectors) -> Gradient {\n${lines(b.lines)}  return Gradient(\n    ${build('Slots', b.results.slice(0, K), '    ')},\n    ${build('State', b.results.slice(K, K + S), '    ')},\n    ${build('Vectors', b.results.slice(K + S), '    ')},\n  );\n}`,
  ];
  return {
    forward: {
      own: joined(forward),
      perStep: joined([recurrentGates(recurrentGate)]),
      whole: joined([
        // What the recurrent weights give to each slot.
        `fn add_products(z: Slots, sum: vec4<f32>) -> Slots {\n  return ${build(
          'Slots',
          zs.map((z, i) => `z.${z}${recurrentGate[i] < 0 ? '' : ` + sum[${recurrentGate[i]}]`}`),
        )};\n}`,
      ]),
    },
    backward: {
      own: joined(backward),
      perStep: joined([
        `fn in_order(z: Slots) -> vec4<f32> {\n  return ${build(
          'vec4<f32>',
          [0, 1, 2, 3].map((i) => (i < K ? `z.${zs[i]}` : '0.0')),
        )};\n}`,
        recurrentSource(runs),
      ]),
      whole: joined([
        `fn load_gradients(at: u32, stride: u32) -> Slots {\n  return ${build(
          'Slots',
          zs.map((_, i) => `gates[${offset('at', i, 'stride')}]`),
        )};\n}`,
        // What goes back through the recurrent weights, gate by gate.
        `fn by_gate(dz: Slots) -> vec4<f32> {\n  return ${build(
          'vec4<f32>',
          [0, 1, 2, 3].map((gate) => {
            const slot = recurrentGate.indexOf(gate);
            return slot < 0 ? '0.0' : `dz.${zs[slot]}`;
          }),
        )};\n}`,
      ]),
    },
  };
}

function joined(parts: readonly string[]): string {
  return parts.join('\n\n') + '\n';
}

/** The gate whose recurrent product each slot takes, and the slots in which there is one. */
function recurrentGates(gates: readonly number[]): string {
  const slots = gates.flatMap((gate, slot) => (gate < 0 ? [] : [slot]));
  const four = (values: readonly number[], none: number) =>
    [0, 1, 2, 3].map((i) => values[i] ?? none).join(', ');
  return (
    `fn recurrent_gate(slot: u32) -> i32 {\n  return vec4<i32>(${four(gates, -1)})[slot];\n}\n\n` +
    `fn recurrent_slot(i: u32) -> u32 {\n  return vec4<u32>(${four(slots, 0)})[i];\n}`
  );
}

/** Where a depth of the gates' weights has its slot: both count in blocks of `width`. */
function recurrentSource(runs: readonly Run[]): string {
  const blocks = runs.reduce((before, { gate, slot }) => {
    const own = `${slot - gate}u`;
    return before ? `select(${before}, ${own}, k >= ${gate}u * width)` : own;
  }, '');
  const moved = runs.some(({ gate, slot }) => slot !== gate) ? ` + ${blocks} * width` : '';
  return `fn recurrent_source(k: u32, width: u32) -> u32 {\n  return k${moved};\n}`;
}

/** Of the parts that are read. */
function loadState(name: string, read: readonly boolean[]): string {
  return load(
    name,
    'State',
    read.map((used, i) => (used ? `states[${offset('at', i, 'stride')}]` : '0.0')),
  );
}

function loadVectors(fields: readonly string[]): string {
  return load(
    'load_vectors',
    'Vectors',
    fields.map((_, i) => `vectors[at + (BIASES + ${i}u) * stride]`),
  );
}

export function lines(statements: readonly string[]): string {
  return statements.map((line) => `${line}\n`).join('');
}
