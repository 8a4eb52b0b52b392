/** Programs of operations as data: they can be printed, run anywhere, and made smaller. */

/** Stands for the value of that name. */
export interface Name {
  readonly $: string;
}
export type Arg =
  Name | number | string | boolean | undefined | readonly Arg[] | { readonly [key: string]: Arg };

/** A tensor that a program is given; floats take a gradient where `grad` says so. */
export interface Input {
  readonly name: string;
  readonly shape: readonly number[];
  readonly dtype: 'float' | 'i32';
  readonly values: readonly number[];
  readonly grad: boolean;
}

/** A layer or a generator, made from a seed. */
export interface Made {
  readonly name: string;
  readonly make: string;
  readonly args: readonly Arg[];
  readonly seed: number;
}

/** What gives a value, or a list of them: `v3`, or `v3[0]` and so on. */
export interface Call {
  readonly name: string;
  readonly op: string;
  readonly args: readonly Arg[];
}

/** A call that is refused, and the name of the error. */
export interface Refused extends Call {
  readonly error: string;
}

export interface Program {
  inputs: Input[];
  made: Made[];
  calls: Call[];
  refused: Refused[];
}

export function isName(arg: Arg): arg is Name {
  return typeof arg === 'object' && '$' in arg;
}

/** The names in an argument. */
export function namesIn(arg: Arg): string[] {
  if (typeof arg !== 'object') return [];
  if (isName(arg)) return [arg.$];
  return Object.values(arg).flatMap(namesIn);
}

/** The call that a value is of: `v3` of `v3[1]`. */
export function ownerOf(name: string): string {
  return name.replace(/\[.*/, '');
}

function show(arg: Arg): string {
  if (typeof arg !== 'object') return typeof arg === 'string' ? `'${arg}'` : String(arg);
  if (isName(arg)) return arg.$;
  if (Array.isArray(arg)) return `[${(arg as readonly Arg[]).map(show).join(', ')}]`;
  const fields = Object.entries(arg).map(([key, value]) => `${key}: ${show(value)}`);
  return `{ ${fields.join(', ')} }`;
}

const SHOWN = 24;

/** The program as code, but for the values of large inputs. */
export function showProgram({ inputs, made, calls, refused }: Program): string {
  const call = ({ name, op, args }: Call): string =>
    `const ${name} = ${op}(${args.map(show).join(', ')});`;
  return [
    ...inputs.map(({ name, shape, dtype, values, grad }) => {
      const first = values.slice(0, SHOWN).map((value) => Number(value.toPrecision(6)));
      const rest = values.length > SHOWN ? ', ...' : '';
      const options =
        dtype === 'i32' ? ", { dtype: 'i32' }" : grad ? ', { requiresGrad: true }' : '';
      return `const ${name} = tensor(device, [${first.join(', ')}${rest}], [${shape.join(', ')}]${options});`;
    }),
    ...made.map(
      ({ name, make, args, seed }) =>
        `const ${name} = new ${make}(device, ${args.map(show).join(', ')}); // seed ${seed}`,
    ),
    ...calls.map(call),
    ...refused.map((one) => `${call(one)} // ${one.error}`),
  ].join('\n');
}

/** Without inputs and layers that nothing uses. */
export function pruned(program: Program): Program {
  const used = new Set(
    [...program.calls, ...program.refused].flatMap(({ args }) => args.flatMap(namesIn)),
  );
  return {
    ...program,
    inputs: program.inputs.filter(({ name }) => used.has(name)),
    made: program.made.filter(({ name }) => used.has(name)),
  };
}

/** The program without each call that nothing else uses, the last first, and without each refusal. */
export function* smaller(program: Program): Generator<Program> {
  for (const one of program.refused) {
    yield pruned({ ...program, refused: program.refused.filter((other) => other !== one) });
  }
  for (const one of program.calls.toReversed()) {
    const others = program.calls.filter((other) => other !== one);
    const used = [...others, ...program.refused].some(({ args }) =>
      args.flatMap(namesIn).some((name) => ownerOf(name) === one.name),
    );
    if (!used) yield pruned({ ...program, calls: others });
  }
}
