import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';

import ts from 'typescript';

/** An `@example` of a docstring. */
export interface Example {
  /** The declaration that the docstring belongs to. */
  owner: string;
  /** Its file, from the root on. */
  file: string;
  code: string;
}

/** The code of the `@example`s of a docstring. */
function codeOf(docstring: string): string[] {
  const text = docstring
    .slice('/**'.length, -'*/'.length)
    .replaceAll(/^ *\* ?/gm, '')
    .trim();
  return text
    .split(/^@example/m)
    .slice(1)
    .map((example) => {
      const code = /^\s*```ts\n(.*)^```$/ms.exec(example)?.[1];
      if (code === undefined) throw new Error(`no block of ts, or more than that:${example}`);
      return code;
    });
}

/** The `@example`s of a file. */
export function examplesOf(file: string, source: string): Example[] {
  const tree = ts.createSourceFile(file, source, ts.ScriptTarget.Latest, true);
  const found: Example[] = [];
  const visit = (node: ts.Node): void => {
    for (const docstring of ts.getJSDocCommentsAndTags(node)) {
      if (!ts.isJSDoc(docstring) || docstring.parent !== node) continue;
      const owner = (node as Partial<ts.NamedDeclaration>).name?.getText() ?? '';
      for (const code of codeOf(docstring.getText())) found.push({ owner, file, code });
    }
    ts.forEachChild(node, visit);
  };
  visit(tree);
  return found;
}

/** The `@example`s of all of src/. */
export async function allExamples(): Promise<Example[]> {
  const names = await readdir('src', { recursive: true });
  const files = names.filter((name) => name.endsWith('.ts')).map((name) => join('src', name));
  const found = files.map(async (file) => examplesOf(file, await readFile(file, 'utf8')));
  return (await Promise.all(found)).flat();
}

/** Writes examples as programs into an empty folder. Gives their files, in order. */
export async function writeExamples(folder: string, all: readonly Example[]): Promise<string[]> {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  const files = all.map(async ({ owner, code }, i) => {
    const file = resolve(folder, `${owner}_${i}.ts`);
    await writeFile(file, code);
    return file;
  });
  return Promise.all(files);
}

/** What imports of the package lead to: what it exports, and nothing else. */
async function paths(): Promise<Record<string, string[]>> {
  const { exports } = JSON.parse(await readFile('package.json', 'utf8')) as {
    exports: Record<string, string | { types: string }>;
  };
  const entries = Object.entries(exports).flatMap(([entry, target]) => {
    if (typeof target === 'string') return [];
    const source = target.types.replace('./dist/', './src/').replace('.d.ts', '.ts');
    return [[join('lethe', entry), [source]] as [string, string[]]];
  });
  return Object.fromEntries(entries);
}

/** Of names that are not used: imported or declared, one or all of them. */
const UNUSED = [6133, 6192, 6196, 6198];

/** What TypeScript finds wrong with programs; a value that is named and not used is not. */
export async function compileErrors(files: readonly string[]): Promise<string[]> {
  const { config } = ts.readConfigFile('tsconfig.json', (path) => ts.sys.readFile(path)) as {
    config: { compilerOptions: object };
  };
  const settings = { ...config.compilerOptions, paths: await paths() };
  const { options } = ts.convertCompilerOptionsFromJson(settings, '.');
  const program = ts.createProgram(files, { ...options, noEmit: true });
  return files.flatMap((file) => {
    const source = program.getSourceFile(file)!;
    const found = [
      ...program.getSyntacticDiagnostics(source),
      ...program.getSemanticDiagnostics(source),
    ];
    return found.flatMap(({ code, start = 0, messageText }) => {
      const { line } = source.getLineAndCharacterOfPosition(start);
      const text = source.text.split('\n')[line];
      if (UNUSED.includes(code) && !text.startsWith('import')) return [];
      return `${file}: ${text}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`;
    });
  });
}

/** What an example says that it prints, behind its calls of `console.log`. */
export function toldLines(code: string): (string | undefined)[] {
  const calls = code.split('\n').filter((line) => line.includes('console.log('));
  return calls.map((line) => /; \/\/ (.*)$/.exec(line)?.[1]);
}
