/** The titles of the tests of a file, and the rows of their tables, as its source has them. */
import ts from 'typescript';

/** Of a test that does not run, or whose failure is none. */
const REFUSED = ['skip', 'todo', 'fails'];

/** `test.skip.each(rows)(...)` as ['test', 'skip', 'each']. */
function namesOf(callee: ts.Expression): string[] {
  if (ts.isIdentifier(callee)) return [callee.text];
  if (ts.isPropertyAccessExpression(callee)) {
    return [...namesOf(callee.expression), callee.name.text];
  }
  return ts.isCallExpression(callee) ? namesOf(callee.expression) : [];
}

function textOf(node: ts.Expression | undefined): string | undefined {
  return node && ts.isStringLiteralLike(node) ? node.text : undefined;
}

/** Of a suite or a test that runs, given that what is around it does. */
const runs = (names: readonly string[]): boolean => !names.some((name) => REFUSED.includes(name));

/**
 * Titles of tests that run, and what stands for `%s` in them: the first texts of the rows of `.each(rows)` and `.for(rows)`,
 * which may be constants of the file.
 *
 * @param source of a file in TypeScript.
 */
export function testTitles(source: string): { tests: Set<string>; rows: Set<string> } {
  const tests = new Set<string>();
  const rows = new Set<string>();
  const constants = new Map<string, ts.Expression>();
  const takeRows = (node: ts.Node): void => {
    if (ts.isIdentifier(node)) {
      const value = constants.get(node.text);
      constants.delete(node.text);
      if (value) takeRows(value);
      if (value) constants.set(node.text, value);
    }
    if (ts.isArrayLiteralExpression(node)) {
      const first = textOf(node.elements[0]);
      if (first !== undefined) rows.add(first);
    }
    ts.forEachChild(node, takeRows);
  };
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node)) {
      const [root, ...names] = namesOf(node.expression);
      if (['test', 'it', 'describe'].includes(root)) {
        if (!runs(names)) return;
        const last = ts.isPropertyAccessExpression(node.expression) ? names.at(-1) : undefined;
        if (last === 'each' || last === 'for') takeRows(node.arguments[0]);
        const title = textOf(node.arguments[0]);
        const isTest = root !== 'describe' && node.arguments.length > 1;
        if (isTest && title !== undefined) tests.add(title);
      }
    }
    ts.forEachChild(node, visit);
  };
  const file = ts.createSourceFile('test.ts', source, ts.ScriptTarget.Latest);
  const gather = (node: ts.Node): void => {
    if (ts.isVariableDeclaration(node) && ts.isIdentifier(node.name) && node.initializer) {
      constants.set(node.name.text, node.initializer);
    }
    ts.forEachChild(node, gather);
  };
  gather(file);
  visit(file);
  return { tests, rows };
}
