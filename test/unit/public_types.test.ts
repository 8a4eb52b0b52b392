/** Whoever uses a function can name the types of its arguments and its result. */
import { readFileSync } from 'node:fs';
import { relative, resolve } from 'node:path';

import ts from 'typescript';
import { expect, test } from 'vitest';

const SOURCE = resolve('src');

/** The entries of the package, by the files that they are built from. */
function entries(): string[] {
  const { exports } = JSON.parse(readFileSync('package.json', 'utf8')) as {
    exports: Record<string, string | { types: string }>;
  };
  return Object.values(exports)
    .filter((entry) => typeof entry !== 'string')
    .map(({ types }) => resolve(types.replace('./dist/', 'src/').replace('.d.ts', '.ts')));
}

/** What a user does not see: it is private, or left out of the declarations. */
function isHidden(member: ts.ClassElement | ts.TypeElement): boolean {
  return (
    (member.name !== undefined && ts.isPrivateIdentifier(member.name)) ||
    (ts.getCombinedModifierFlags(member) & ts.ModifierFlags.Private) !== 0 ||
    ts.getJSDocTags(member).some(({ tagName }) => tagName.text === 'internal')
  );
}

/** The types that stand in the signatures of what the files export, and are not exported, with their users. */
function unnamed(files: readonly string[]): string[] {
  const { config } = ts.readConfigFile('tsconfig.json', (path) => readFileSync(path, 'utf8')) as {
    config: { compilerOptions: object };
  };
  const { options } = ts.convertCompilerOptionsFromJson(config.compilerOptions, '.');
  const program = ts.createProgram(files, { ...options, noEmit: true });
  const checker = program.getTypeChecker();
  const aliased = (symbol: ts.Symbol): ts.Symbol =>
    symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
  const exported = new Set<ts.Symbol>();
  for (const file of files) {
    const module = checker.getSymbolAtLocation(program.getSourceFile(file)!)!;
    for (const symbol of checker.getExportsOfModule(module)) exported.add(aliased(symbol));
  }
  const found = new Set<string>();

  const look = (node: ts.Node | undefined, user: string): void => {
    if (!node) return;
    const name = ts.isTypeReferenceNode(node)
      ? node.typeName
      : ts.isExpressionWithTypeArguments(node)
        ? node.expression
        : undefined;
    const symbol = name && checker.getSymbolAtLocation(name);
    if (symbol) {
      const type = aliased(symbol);
      const ours = type.declarations?.[0].getSourceFile().fileName.startsWith(SOURCE);
      const parameter = type.flags & ts.SymbolFlags.TypeParameter;
      if (ours && !parameter && !exported.has(type)) found.add(`${type.name} of ${user}`);
    }
    ts.forEachChild(node, (child) => look(child, user));
  };
  const lookAt = (node: ts.Node, user: string): void => {
    if (ts.isTypeAliasDeclaration(node)) {
      look(node, user);
    } else if (ts.isInterfaceDeclaration(node) || ts.isClassDeclaration(node)) {
      for (const part of [...(node.typeParameters ?? []), ...(node.heritageClauses ?? [])]) {
        look(part, user);
      }
      for (const member of node.members) {
        if (isHidden(member)) continue;
        if (ts.isTypeElement(member)) look(member, user);
        else lookAt(member, `${user}.${member.name?.getText() ?? 'constructor'}`);
      }
    } else if (ts.isFunctionLike(node)) {
      for (const part of [...(node.typeParameters ?? []), ...node.parameters]) look(part, user);
      look(node.type, user);
    } else if (ts.isPropertyDeclaration(node) || ts.isVariableDeclaration(node)) {
      look(node.type, user);
    }
  };
  for (const symbol of exported) {
    for (const node of symbol.declarations ?? []) lookAt(node, symbol.name);
  }
  return [...found];
}

test('types in public signatures are exported', () => {
  const files = entries();
  expect(files.map((file) => relative(SOURCE, file))).toContain('text/index.ts');
  expect(unnamed(files)).toEqual([]);
});

test('a type that is not would be found', () => {
  expect(unnamed([resolve('src/optim/index.ts')])).toContain('Tensor of Flat');
});
