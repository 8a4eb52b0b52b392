/** The pieces of TypeScript in README.md and docs compile, each by itself, with what its page takes for given. */
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';

import ts from 'typescript';
import { expect, test } from 'vitest';

import { compileErrors } from '../setup/examples';

const [CORE, NN, TEXT, TRAIN] = ['', '/nn', '/text', '/train'].map(
  (entry) => (name: string) => `import('lethe${entry}').${name}`,
);

/** What the fragments of a page take for given: names by their type. */
const GIVEN: Record<string, Record<string, string[]>> = {
  'README.md': {
    Int32Array: ['ids', 'targets'],
    number: ['time', 'batch'],
    [CORE('Device')]: ['device'],
    [CORE('Tensor')]: ['x'],
  },
  'docs/adding-a-cell.md': { "typeof import('../../docs/examples/janet').janet": ['janet'] },
  'docs/ctc.md': {
    [CORE('Tensor')]: ['logits', 'hidden', 'targets'],
    [NN('Linear')]: ['decoder'],
    [TEXT('Vocabulary')]: ['vocabulary'],
    [TRAIN('CharTrainer')]: ['trainer'],
    "import('lethe/ctc').CtcFrames": ['frames'],
    'number[]': ['inputLengths', 'targetLengths', 'lengths', 'labels'],
    number: ['time', 'classes'],
    Float32Array: ['data'],
    string: ['corpus'],
  },
  'docs/benchmarks.md': { [CORE('Device')]: ['device'], '() => Promise<unknown>': ['answer'] },
  'docs/embedding.md': {
    string: ['text'],
    [NN('Module')]: ['model'],
    [CORE('Device')]: ['device'],
  },
  'docs/inside.md': {
    string: ['text'],
    Float32Array: ['unit'],
    [TRAIN('CharModel')]: ['model'],
    [TEXT('Vocabulary')]: ['vocabulary'],
    [CORE('Device')]: ['device'],
    [NN('LSTM')]: ['rnn'],
    [NN('Linear')]: ['classifier'],
    "import('lethe/data').HostArray": ['sequence'],
    number: ['label'],
    [CORE('Tensor')]: ['loss'],
  },
  'docs/pytorch.md': {
    ArrayBuffer: ['bytes'],
    [NN('Sequential')]: ['model'],
    [CORE('Device')]: ['device'],
    '(path: string) => Promise<Uint8Array>': ['readFile'],
  },
  'docs/reliability.md': {
    [TRAIN('Trainer')]: ['trainer'],
    [NN('Module')]: ['model'],
    [CORE('Device')]: ['device'],
  },
  'docs/training.md': {
    [TRAIN('CharTrainer')]: ['trainer'],
    string: ['otherText'],
    "Record<'x' | 'y', import('lethe').Tensor>[]": ['halves'],
    [NN('Sequential')]: ['model'],
    "import('lethe/optim').Adam": ['optimizer'],
  },
  'docs/tasks.md': {
    [CORE('Device')]: ['device'],
    [CORE('Generator')]: ['generator'],
    [NN('Sequential')]: ['model'],
    [NN('Embedding')]: ['embedding'],
    [NN('LSTM')]: ['lstm'],
    [NN('Linear')]: ['decoder'],
    [CORE('Tensor')]: ['x', 'h', 'c'],
    "import('lethe/optim').Adam": ['optimizer'],
    "import('lethe/data').Batches<Record<'x' | 'y', import('lethe/data').HostArray>>": ['batches'],
    [TRAIN('Trainer')]: ['trainer'],
    'string[]': ['examples', 'valid', 'tokens'],
    'AsyncIterable<string>': ['lines'],
    "(rows: readonly string[]) => Record<'x' | 'y', import('lethe/data').HostArray>": ['collate'],
    '(rows: string[]) => Promise<number>': ['accuracyOf', 'lossOf'],
    [TRAIN('Task')]: ['task'],
  },
};

const cache = resolve('.cache/fragments');
const docs = (await readdir('docs')).map((name) => `docs/${name}`);
const pages = ['README.md', ...docs].filter((name) => name.endsWith('.md'));
const names = await readdir('docs/examples');
const programs = await Promise.all(names.map((name) => readFile(`docs/examples/${name}`, 'utf8')));
const entries = await exportsOf();

/** What each entry of the package exports, as an import names it: `type Task`. */
async function exportsOf(): Promise<[entry: string, specifiers: string[]][]> {
  const { exports } = JSON.parse(await readFile('package.json', 'utf8')) as { exports: object };
  const names = Object.keys(exports).filter((name) => !name.endsWith('.json'));
  const files = names.map((name) => join('src', name, 'index.ts'));
  const program = ts.createProgram(files, {
    module: ts.ModuleKind.ESNext,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
  });
  const checker = program.getTypeChecker();
  return files.map((file, i) => {
    const symbol = checker.getSymbolAtLocation(program.getSourceFile(file)!)!;
    const specifiers = checker.getExportsOfModule(symbol).map((exported) => {
      const { flags } =
        exported.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(exported) : exported;
      return flags & ts.SymbolFlags.Value ? exported.name : `type ${exported.name}`;
    });
    return [join('lethe', names[i]), specifiers];
  });
}

/** A fragment as a program: what is given is declared, and names of the package imported where none are. */
function whole(page: string, code: string): string {
  const said = code.replaceAll(/\/\/.*$/gm, '');
  const free = (name: string): boolean =>
    new RegExp(`(?<![.\\w'])${name}\\b(?!['\\w]|: )`).test(said) &&
    !new RegExp(`(const|let|import) ([{[]((?! of )[^=;])*)?\\b${name}\\b`).test(said);
  const taken = new Set<string>();
  const declared = Object.entries(GIVEN[page] ?? {}).flatMap(([type, names]) => {
    const used = names.filter(free);
    for (const name of used) taken.add(name);
    return used.map((name) => `declare const ${name}: ${type};\n`);
  });
  const imported = entries.flatMap(([entry, specifiers]) => {
    const used = specifiers.filter((name) => !taken.has(name) && free(name.replace('type ', '')));
    for (const name of used) taken.add(name);
    return used.map((name) => `import { ${name} } from '${entry}';\n`);
  });
  const head = /^import /m.test(code) ? declared : [...imported, ...declared];
  return `${head.join('')}${code}\nexport {};\n`;
}

test('all compile', async () => {
  await rm(cache, { recursive: true, force: true });
  await mkdir(cache, { recursive: true });
  const files: string[] = [];
  for (const page of pages) {
    const text = await readFile(page, 'utf8');
    // Not those in a list, which are pieces of files of src.
    for (const { 1: code, index } of text.matchAll(/^```ts\n(.*?)^```$/gms)) {
      if (programs.some((program) => program.trim() === code.trim())) continue;
      const line = text.slice(0, index).split('\n').length;
      const file = join(cache, `${page.replaceAll(/\W/g, '_')}_${line}.ts`);
      await writeFile(file, whole(page, code));
      files.push(file);
    }
  }
  expect(files.length).toBeGreaterThan(20);
  expect(await compileErrors(files)).toEqual([]);
});

test('those in a list are pieces of src', async () => {
  const bare = (code: string) => code.replaceAll(/ *\/\/.*$/gm, '').replaceAll(/\s+/g, ' ');
  const files = ['kernels/unary.ts', 'ops/pointwise.ts', 'ops/dropout.ts'];
  const sources = await Promise.all(files.map((file) => readFile(`src/${file}`, 'utf8')));
  const texts = await Promise.all(pages.map((page) => readFile(page, 'utf8')));
  const pieces = texts.flatMap((text) => [...text.matchAll(/^ +```ts\n(.*?)^ +```$/gms)]);
  expect(pieces).toHaveLength(files.length);
  pieces.forEach(([, code], i) => expect(bare(sources[i])).toContain(bare(code)));
});
