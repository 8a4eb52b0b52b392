/** What must hold of a program: the same numbers everywhere, and gradients that differences confirm. */
import { Random } from '../../src/index';
import type { Device } from '../../src/index';
import { Environment, lossOf, runDirectly, runReplayed } from './execute';
import type { Arrays, Run, Target } from './execute';
import { showProgram, smaller } from './program';
import type { Call, Input, Program } from './program';

/** f32 beside f64, of the largest number of a tensor, or of 1: tanh of a software adapter errs by 1e-5. */
const TOLERANCE = 1e-3;
const EPSILON = 1e-6;

function differences(what: string, found: Arrays, expected: Arrays): string[] {
  return [...expected].flatMap(([name, { shape, data }]) => {
    const other = found.get(name);
    if (other?.shape.join() !== shape.join()) {
      return [`${what} ${name} has shape [${other?.shape.join()}], in f64 [${shape.join()}]`];
    }
    const scale = data.reduce((most, x) => Math.max(most, Math.abs(x)), 1);
    const at = data.findIndex((x, i) => !(Math.abs(x - other.data[i]) <= TOLERANCE * scale));
    return at < 0 ? [] : [`${what} ${name}[${at}]: ${other.data[at]}, in f64 ${data[at]}`];
  });
}

/** With what is detached held at its values: differences would see through it. */
function held(program: Program, values: Arrays): Program {
  const inputs: Input[] = [];
  const calls = program.calls.map((call): Call => {
    if (call.op !== 'detach') return call;
    const { shape, data } = values.get(call.name)!;
    const name = `held ${call.name}`;
    inputs.push({ name, shape, dtype: 'float', values: [...data], grad: false });
    return { ...call, op: 'second', args: [...call.args, { $: name }] };
  });
  return { ...program, inputs: [...program.inputs, ...inputs], calls };
}

/** The derivative of the loss in a direction of each leaf, beside differences. */
async function checkGradients(
  program: Program,
  target: Target,
  { values, gradients }: Run,
): Promise<string[]> {
  const smooth = held(program, values);
  const environment = Environment.of(smooth, target);
  const random = new Random(1);
  const problems: string[] = [];
  try {
    for (const [name, leaf] of environment.leaves) {
      const center = await leaf.data();
      const direction = Float64Array.from(center, () => random.normal());
      const at = async (step: number): Promise<number> => {
        leaf.write(Float64Array.from(center, (x: number, i: number) => x + step * direction[i]));
        return lossOf(smooth, environment);
      };
      const numeric = ((await at(EPSILON)) - (await at(-EPSILON))) / (2 * EPSILON);
      leaf.write(center);
      const gradient = gradients.get(name)!.data;
      const analytic = direction.reduce((sum, x, i) => sum + x * gradient[i], 0);
      // Rounding of the loss, divided by the step, is what differences cannot see below.
      const size = direction.reduce((sum, x, i) => sum + Math.abs(x * gradient[i]), 0);
      if (Math.abs(numeric - analytic) <= 1e-4 + 1e-3 * Math.abs(numeric) + 1e-5 * size) continue;
      problems.push(`gradient of ${name}: ${analytic} in a direction, differences give ${numeric}`);
    }
    return problems;
  } finally {
    environment.dispose();
  }
}

function textOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

/** What is wrong with a program on a device; nothing where all is well. */
async function problemsOf(program: Program, reference: Device, target: Target): Promise<string[]> {
  const { name, device } = target;
  const { liveTensors } = device.memory();
  const problems: string[] = [];
  try {
    const expected = await runDirectly(program, { device: reference, dtype: 'f64' });
    const direct = await runDirectly(program, target);
    problems.push(...differences('value', direct.values, expected.values));
    problems.push(...differences('gradient', direct.gradients, expected.gradients));
    if (target.dtype === 'f64') problems.push(...(await checkGradients(program, target, direct)));
    program.refused.forEach(({ name: call, op, error }, i) => {
      const given = direct.refusals[i];
      if (given !== error)
        problems.push(`${call} = ${op}(...): ${given || 'no error'}, not ${error}`);
    });
    const replayed = await runReplayed(program, target);
    problems.push(...differences('replayed value', replayed.values, expected.values));
    problems.push(...differences('replayed gradient', replayed.gradients, expected.gradients));
    await device.finish();
    const left = device.memory().liveTensors - liveTensors;
    if (left !== 0) problems.push(`${left} tensors are left behind`);
  } catch (error) {
    problems.push(textOf(error));
  }
  return problems.map((problem) => `${name}: ${problem}`);
}

/** A report of what is wrong with a program, and of the smallest that still shows it; '' where all is well. */
export async function checkProgram(
  program: Program,
  reference: Device,
  targets: readonly Target[],
): Promise<string> {
  for (const target of targets) {
    let problems = await problemsOf(program, reference, target);
    if (problems.length === 0) continue;
    let smallest = program;
    for (let found = true; found;) {
      found = false;
      for (const candidate of smaller(smallest)) {
        const still = await problemsOf(candidate, reference, target);
        if (still.length === 0) continue;
        [smallest, problems, found] = [candidate, still, true];
        break;
      }
    }
    return `${problems.join('\n')}\n\n${showProgram(smallest)}`;
  }
  return '';
}
