import type { TracedStep } from './trace';
import { emit } from './statements';
import { build, lines, struct } from './wgsl';
import type { CellShape } from './wgsl';

/**
 * What a cell adds to a shader that makes steps one after the other and keeps nothing of them: constants,
 * structs with a unit's numbers, the step, and functions between those structs and arrays.
 */
export function stepShader(cell: CellShape & { apart: readonly string[] }, step: TracedStep) {
  const { slots, gates, state, vectors, dense, biased, apart } = cell;
  const fields = (kind: string, names: readonly string[]) => names.map((name) => `${kind}_${name}`);
  const [zs, ss, vs] = [fields('z', slots), fields('s', state), fields('v', vectors)];
  const f = emit(
    step.next,
    new Map([
      ...step.z.map((x, i) => [x, `z.${zs[i]}`] as const),
      ...step.s.map((x, i) => [x, `s.${ss[i]}`] as const),
      ...step.v.map((x, i) => [x, `v.${vs[i]}`] as const),
    ]),
  );
  const sums = gates.map((gate, i) => {
    return dense && !apart.includes(gate) ? `x[${i}] + h[${i}]` : `x[${i}]`;
  });
  const separate = apart.map((gate) => `h[${gates.indexOf(gate)}]`);
  const array = (count: number) => `array<f32, ${Math.max(count, 1)}>`;
  const from = (name: string, type: string, count: number) =>
    `fn ${name}(x: ${array(count)}) -> ${type} {\n  return ${build(
      type,
      Array.from({ length: count }, (_, i) => `x[${i}]`),
    )};\n}`;
  return [
    [
      `const GATES = ${gates.length}u;`,
      `const STATES = ${state.length}u;`,
      `const VECTORS = ${vectors.length}u;`,
      `const BIASES = ${biased ? gates.length : 0}u;`,
      `const DENSE = ${dense};`,
    ].join('\n'),
    [struct('Slots', zs), struct('State', ss), struct('Vectors', vs)].join('\n'),
    `fn slots_of(x: ${array(gates.length)}, h: ${array(gates.length)}) -> Slots {\n  return ${build('Slots', [...sums, ...separate])};\n}`,
    from('state_of', 'State', state.length),
    from('vectors_of', 'Vectors', vectors.length),
    `fn cell(z: Slots, s: State, v: Vectors) -> ${array(state.length)} {\n${lines(f.lines)}  return ${build(array(state.length), f.results)};\n}`,
  ].join('\n\n');
}
