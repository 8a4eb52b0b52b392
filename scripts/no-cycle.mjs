import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

import ts from 'typescript';

const SUFFIXES = ['', '.ts', '.tsx', '.mjs', '.js', '/index.ts'];

/** @type {Map<string, { specifier: string, path: string }[]>} */
const known = new Map();

/**
 * The files that one imports, in any form, types too. Packages, and files that are no code, are left out.
 *
 * @param {string} file
 */
function importsOf(file) {
  let imports = known.get(file);
  if (!imports) {
    const { importedFiles } = ts.preProcessFile(readFileSync(file, 'utf8'), true, true);
    imports = importedFiles.flatMap(({ fileName }) => {
      if (!fileName.startsWith('.')) return [];
      const path = SUFFIXES.map((suffix) => resolve(dirname(file), fileName + suffix)).find(
        (candidate) => existsSync(candidate) && statSync(candidate).isFile(),
      );
      return path && /\.(ts|tsx|mjs|js)$/.test(path) ? [{ specifier: fileName, path }] : [];
    });
    known.set(file, imports);
  }
  return imports;
}

/**
 * The specifiers that lead from one file to another, the fewest; undefined where none do.
 *
 * @param {string} from
 * @param {string} to
 */
function pathBetween(from, to) {
  /** @type {Map<string, string[]>} */
  const paths = new Map([[from, []]]);
  for (const [file, path] of paths) {
    if (file === to) return path;
    for (const next of importsOf(file)) {
      if (!paths.has(next.path)) paths.set(next.path, [...path, next.specifier]);
    }
  }
  return undefined;
}

/**
 * Refuses imports that lead back to the file itself. Types count: `no-cycle` of import-x leaves out
 * `import type`, and has no option for it.
 *
 * @type {import('eslint').Rule.RuleModule}
 */
export const noCycle = {
  meta: {
    type: 'problem',
    schema: [],
    messages: { cycle: 'This import leads back here{{through}}.' },
  },
  create(context) {
    // An editor lints the same file again and again.
    known.delete(context.filename);
    /** @param {import('estree').Node & { source?: unknown }} node */
    const check = (node) => {
      const { source } = node;
      if (!source || typeof source !== 'object' || !('value' in source)) return;
      const target = importsOf(context.filename).find(
        ({ specifier }) => specifier === source.value,
      );
      const path = target && pathBetween(target.path, context.filename);
      if (!path) return;
      const through = path.length > 0 ? `, by ${path.join(', ')}` : '';
      context.report({ node, messageId: 'cycle', data: { through } });
    };
    return {
      ImportDeclaration: check,
      ImportExpression: check,
      ExportNamedDeclaration: check,
      ExportAllDeclaration: check,
      TSImportType: check,
    };
  },
};
