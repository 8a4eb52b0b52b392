/** docs/pytorch.md, from what the code exports and says of itself. */
import { readFileSync } from 'node:fs';

import { format, resolveConfig } from 'prettier';

import * as data from '../../../src/data/index';
import * as lethe from '../../../src/index';
import * as nn from '../../../src/nn/index';
import * as optim from '../../../src/optim/index';
import * as train from '../../../src/train/index';
import { fixtures, OPTIM_LEFT_OUT } from '../fixtures';
import { RECURRENT_CASES } from '../recurrent_fixtures';
import { FUNCTIONS, INTRODUCTIONS, MISSING, SECTIONS } from './rows';
import type { Row } from './rows';

const ENTRIES = {
  lethe,
  'lethe/nn': nn,
  'lethe/optim': optim,
  'lethe/train': train,
  'lethe/data': data,
};

const CASES = [
  ...fixtures('ops'),
  ...fixtures('optim').filter(({ name }) => !(name in OPTIM_LEFT_OUT)),
  ...fixtures('cells'),
  ...RECURRENT_CASES,
] as readonly { op: string }[];

/** What an entry of the package exports by this name. Throws where none does. */
function exported(name: string): { entry: string; value: (...given: never) => unknown } {
  for (const [entry, names] of Object.entries(ENTRIES)) {
    const value = (names as Record<string, unknown>)[name];
    if (typeof value === 'function') return { entry, value: value as () => unknown };
  }
  throw new Error(`docs/pytorch.md names ${name}, which no entry of the package exports`);
}

/** The names of parameters, as they stand in the source; the object of options is none. */
function parametersOf(name: string): string[] {
  const source = String(exported(name).value);
  const [, list] =
    /^class[^]*?\bconstructor\(([^)]*)\)/.exec(source) ??
    /^(?:async )?(?:function\*? ?\w*)?\(([^)]*)\)/.exec(source) ??
    [];
  if (list === undefined) return [];
  return list
    .split(',')
    .map((parameter) => /^\s*(?:\.\.\.)?(\w+)/.exec(parameter)?.[1] ?? '')
    .filter((parameter) => !['', 'options', 'given'].includes(parameter));
}

/** The options that a function takes: it lists them when it refuses another. */
async function optionsOf(call: Row['call']): Promise<string[]> {
  if (!call) return [];
  try {
    await call({ '?': 1 });
  } catch (error) {
    const [, list] = /unknown option \?; it takes (.*)$/.exec((error as Error).message) ?? [];
    // What tests alone may give.
    if (list !== undefined) return list.split(', ').filter((name) => name !== 'observe');
    throw error;
  }
  throw new Error(`${String(call)} takes any option`);
}

const camel = (name: string): string =>
  name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
const code = (names: readonly string[]): string => names.map((name) => `\`${name}\``).join(', ');

/** How PyTorch's arguments are called here, which there are not, and which there are besides. */
async function argumentsOf({ here, takes, call, renamed = {} }: Row): Promise<string> {
  const [first] = here.split(', ');
  const there = new Set([...parametersOf(first), ...(await optionsOf(call))]);
  const wanted = takes?.split(', ') ?? [];
  const nameOf = (name: string): string => renamed[name] ?? camel(name);
  for (const [name, other] of Object.entries(renamed)) {
    if (!there.has(other)) throw new Error(`${first} has no ${other}, which is to be ${name}`);
  }
  const has = wanted.filter((name) => there.has(nameOf(name)));
  const lacks = wanted.filter((name) => !there.has(nameOf(name)));
  const others = new Set(['device', ...has.map(nameOf)]);
  const own = takes === undefined ? [] : [...there].filter((name) => !others.has(name));
  return [
    has.length > 0 ? code(has.map(nameOf)) : '',
    lacks.length > 0 ? `without ${code(lacks)}` : '',
    own.length > 0 ? `besides: ${code(own)}` : '',
  ]
    .filter((part) => part !== '')
    .join('; ');
}

function checkedBy({ fixture, test }: Pick<Row, 'fixture' | 'test'>, name: string): string {
  if (test !== undefined) {
    const path = `test/${test}`;
    if (!new RegExp(`\\b${name}\\b`).test(readFileSync(path, 'utf8'))) {
      throw new Error(`${path} has nothing of ${name}`);
    }
    return path;
  }
  const count = CASES.filter(({ op }) => op === fixture).length;
  if (count === 0) throw new Error(`no fixture has the name ${fixture}`);
  return `${count} case${count === 1 ? '' : 's'} from PyTorch`;
}

const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => '---'), ...rows]
    .map((row) => `| ${row.map((part) => part.replaceAll('|', '\\|')).join(' | ')} |`)
    .join('\n');

async function section([title, rows]: readonly [string, readonly Row[]]): Promise<string> {
  const lines = rows.map(async (row) => {
    const names = row.here.split(', ');
    const entries = new Set(names.map((name) => exported(name).entry));
    const what = [await argumentsOf(row), row.note ?? ''].filter((part) => part !== '').join('. ');
    return [
      `\`${row.torch}\``,
      `${code(names)} (${[...entries].join(', ')})`,
      what,
      checkedBy(row, names[0]),
    ];
  });
  const before = title in INTRODUCTIONS ? `${INTRODUCTIONS[title]}\n\n` : '';
  return `## ${title}\n\n${before}${table(['PyTorch', 'here', 'arguments here', 'checked by'], await Promise.all(lines))}\n`;
}

function stateDicts(): string {
  const rows = Object.values(SECTIONS)
    .flat()
    .flatMap(({ module }) => {
      if (!module) return [];
      const made = module();
      const keys = [...made.stateDict()].map(
        ([name, { shape }]) => `\`${name}\` [${shape.join(', ')}]`,
      );
      return [[`\`${made.constructor.name}\``, keys.join(', ')]];
    });
  return table(['module', 'keys, with shapes'], rows);
}

function functions(): string {
  const rows = Object.entries(FUNCTIONS).map(([name, { torch = name, note = '' }]) => {
    exported(name);
    const count = CASES.filter(({ op }) => op === name).length;
    const cases =
      count > 0
        ? `${count} cases from PyTorch`
        : checkedBy({ test: 'unit/ops_gradcheck.test.ts' }, name);
    return [code(torch.split(', ')), `\`${name}(${parametersOf(name).join(', ')})\``, note, cases];
  });
  return table(['torch', 'here', 'what differs', 'checked by'], rows);
}

/** @returns the page. */
export async function pytorchPage(): Promise<string> {
  const sections = await Promise.all(Object.entries(SECTIONS).map(section));
  const text = `<!-- Made by \`npm run build:pytorch\` from test/setup/pytorch; do not edit. -->

# Beside PyTorch

What PyTorch has for recurrent networks, and what it is here. Arguments are in camel case: \`batch_first\` is
\`batchFirst\`. A module takes the device first and its options last, as an object; what is no option is refused by name.

## Weights from PyTorch, and to it

Gates have PyTorch's order (LSTM: i, f, g, o; GRU: r, z, n), parameters its names, shapes and initial distributions, so that weights travel both ways.
A GRU's second bias of n, \`b_hn\`, acts inside of the reset gate's product, as PyTorch's does: [the equations](cells.md#gru).

\`\`\`python
from safetensors.torch import load_file, save_file
save_file(model.state_dict(), 'model.safetensors')  # await loadModule('model.safetensors', model)
model.load_state_dict(load_file('model.safetensors'))  # await saveModule('model.safetensors', model)
\`\`\`

Files of \`torch.save\` (.pt, .pth) are not read: they are pickles, which only Python can tell. Convert them there. Names
that differ are changed on the way, as one of two lines:

\`\`\`python
state = torch.load('model.pt', map_location='cpu')  # of a whole model: torch.load(..., weights_only=False).state_dict()
state = {name.replace('fc.', 'decoder.'): value.contiguous() for name, value in state.items()}
save_file(state, 'model.safetensors')
\`\`\`

In JavaScript, with a file as PyTorch named it (\`decodeSafetensors\` is of \`lethe/io\`):

\`\`\`ts
const { tensors } = decodeSafetensors(new Uint8Array(bytes));
const renamed = Array.from(tensors, ([name, value]) => [name.replace('fc.', 'decoder.'), value] as const);
model.loadStateDict(new Map(renamed));
\`\`\`

### Check that it came over right

Run one input through both, in eval mode, and compare. In Python:

\`\`\`python
model.eval()
with torch.no_grad():
    save_file({'ids': ids, 'y': model(ids)}, 'check.safetensors')  # ids: [time, batch]
\`\`\`

\`\`\`ts
const check = decodeSafetensors(await readFile('check.safetensors')).tensors;
const [ids, wanted] = ['ids', 'y'].map((name) => check.get(name)!);
const y = evalMode(model, () => model.forward(tensor(device, ids.data, ids.shape, { dtype: 'i32' })));
const apart = (await y.data()).map((value, i) => Math.abs(value - wanted.data[i]));
console.log(Math.max(...apart)); // 4.5e-8 of values up to 0.15
y.dispose();
\`\`\`

That is what an embedding (100 ids, 64 wide), an LSTM of 2 layers of 128 in two directions, and a linear layer onto 10 differ by on the CPU, 50 steps, a batch of
4, from PyTorch 1.13; PyTorch itself differs from its f64 by 6.9e-8. The tests allow 1e-5 and 1e-4 of the value for
outputs and gradients of recurrent layers in f32, on the CPU and on WebGPU. Up to there it is rounding, and more of
it in a trained model with large values. A difference of the values' own size is a layer left in training mode (dropout), another
order of the dimensions (\`batch_first\`), or a parameter that did not come along.

Arguments that tell how PyTorch computes (\`device\`, \`foreach\`, \`fused\`, \`capturable\`, \`differentiable\`) are left out
below. "Cases from PyTorch" are values and gradients that PyTorch computed in f64 (\`npm run fixtures\`): the CPU has to
give them in f64 and f32, WebGPU in f32 (CONTRIBUTING.md, "Tests").

${sections.join('\n')}
## Functions on tensors

${functions()}

## Keys of stateDict

Those of PyTorch's \`state_dict\`, for modules of these sizes: LSTM 2 to 3 with two layers, two directions and
\`projSize: 2\`, the other layers and cells 2 to 3, \`MLP\` of [2, 3, 1].

${stateDicts()}

## What there is not

${table(['PyTorch', 'instead'], MISSING)}
`;
  const path = 'docs/pytorch.md';
  return format(text, { ...(await resolveConfig(path)), filepath: path });
}
