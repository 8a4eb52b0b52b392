import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, posix, relative } from 'node:path';

import { Application, Comment, Converter, Logger, LogLevel, ReflectionKind } from 'typedoc';

/**
 * A page of the reference: a name that an entry of the package exports, or an entry with the list of its names.
 *
 * @typedef {object} ReferencePage
 * @property {string} file as TypeDoc calls it, which links name: `lethe/nn/classes/LSTM.md`.
 * @property {string} path from the folder of documents on: `api/nn/classes/LSTM.html`.
 * @property {string} entry as it is imported: `lethe/nn`; empty for the list of entries.
 * @property {string} name of the export; of a page that lists others, what is imported.
 * @property {boolean} member whether it is an export.
 * @property {string} text Markdown, with links to other pages as `../classes/Tensor.md`.
 */

/** What has to have a docstring. */
const DOCUMENTED = /** @type {const} */ ([
  'Variable',
  'Function',
  'Class',
  'Interface',
  'TypeAlias',
  'CallSignature',
  'GetSignature',
]);

/** Lists whose names make a type; the type is exported. */
const BEHIND_TYPES = ['NONLINEARITIES', 'REDUCTIONS', 'ATTENTION_KINDS'];

/** A document, or a place in the sources, as text names it. */
const FILE_NAME =
  /(?<![\w/.-])(?:(?:docs|src|shaders|demos|scripts|test)\/[\w./-]*\w|[\w./-]+\.(?:md|mjs|ts|wgsl)\b|README|CONTRIBUTING)/g;

/** Where TypeDoc puts the files that docstrings link to. */
const MEDIA = '_media/';

/** What JavaScript, and V8, give to every error. */
const ERROR_MEMBERS = [
  ...['name', 'message', 'stack', 'cause'],
  ...['captureStackTrace', 'prepareStackTrace', 'stackTraceLimit'],
];

const NAMES = /** @type {const} */ ({ module: '{name}', member: '{name}', index: 'Reference' });

/** Keeps what TypeDoc complains of. */
class Complaints extends Logger {
  /** @type {string[]} */
  all = [];

  /** @param {string} message @param {LogLevel} level @override */
  log(message, level) {
    super.log(message, level);
    if (level >= LogLevel.Warn) this.all.push(message);
  }
}

/**
 * The docstrings of what the package exports, read by TypeDoc; `types` are those without one.
 *
 * @param {string} root of the project.
 * @param {string[]} [files] from root on; the entries of the package when left out.
 */
async function convert(root, files) {
  /** @type {{ exports: Record<string, { types?: string }> }} */
  const { exports } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
  const entries = Object.values(exports).flatMap(({ types }) =>
    types === undefined ? [] : [types.replace('./dist/', 'src/').replace('.d.ts', '.ts')],
  );
  /** @type {Partial<import('typedoc').TypeDocOptions & import('typedoc-plugin-markdown').PluginOptions>} */
  const options = {
    entryPoints: (files ?? entries).map((file) => join(root, file)),
    tsconfig: join(root, 'tsconfig.build.json'),
    plugin: ['typedoc-plugin-markdown'],
    logLevel: 'Warn',
    excludeInternal: true,
    excludePrivate: true,
    readme: 'none',
    disableSources: true,
    // `npm run typecheck` does it.
    skipErrorChecking: true,
    validation: { notExported: true, invalidLink: true, notDocumented: true },
    requiredToBeDocumented: [...DOCUMENTED],
    intentionallyNotExported: BEHIND_TYPES,
    hidePageHeader: true,
    hideBreadcrumbs: true,
    pageTitleTemplates: NAMES,
    indexFormat: 'table',
    parametersFormat: 'table',
    interfacePropertiesFormat: 'table',
    classPropertiesFormat: 'table',
    typeAliasPropertiesFormat: 'table',
    typeDeclarationFormat: 'table',
    propertyMembersFormat: 'table',
    tableColumnSettings: { hideOverrides: true, hideInherited: true, hideModifiers: true },
  };
  const app = await Application.bootstrapWithPlugins(options);
  const complaints = new Complaints();
  app.logger = complaints;
  /** @type {import('typedoc').Reflection[]} */
  const types = [];
  app.converter.on(Converter.EVENT_RESOLVE_BEGIN, ({ project }) => {
    types.push(...undocumentedTypes(project));
    nameEntries(project);
    leaveOutBases(project);
    tellOfUsing(project);
  });
  app.converter.on(Converter.EVENT_RESOLVE_END, ({ project }) => leaveOutOrigins(project));
  const project = await app.convert();
  if (!project) throw new Error(`TypeDoc: ${complaints.all.join('\n')}`);
  return { app, project, complaints, types };
}

/** Entries are called as they are imported. @param {import('typedoc').ProjectReflection} project */
function nameEntries(project) {
  for (const entry of project.getReflectionsByKind(ReflectionKind.Module)) {
    entry.name = posix.join('lethe', entry.name === 'index' ? '' : entry.name);
  }
}

/**
 * What every module and every error has is told on the pages of `Module` and `LetheError` alone.
 *
 * @param {import('typedoc').ProjectReflection} project
 */
function leaveOutBases(project) {
  const classes = project.getReflectionsByKind(ReflectionKind.Class);
  const common = new Set(ERROR_MEMBERS);
  for (const base of classes.filter(({ name }) => name === 'Module')) {
    const { children = [] } = /** @type {import('typedoc').DeclarationReflection} */ (base);
    for (const { name } of children) common.add(name);
  }
  for (const reflection of Object.values(project.reflections)) {
    if (!reflection.isDeclaration() || reflection.kind === ReflectionKind.Constructor) continue;
    if (reflection.inheritedFrom && common.has(reflection.name)) {
      project.removeReflection(reflection);
    }
  }
}

/** @param {import('typedoc').ProjectReflection} project */
function tellOfUsing(project) {
  for (const reflection of project.getReflectionsByKind(ReflectionKind.CallSignature)) {
    if (reflection.name !== '[dispose]') continue;
    reflection.comment = new Comment([{ kind: 'text', text: '`dispose`, for `using`.' }]);
  }
}

/** Where a member comes from is of no use to its caller. @param {import('typedoc').ProjectReflection} project */
function leaveOutOrigins(project) {
  for (const reflection of Object.values(project.reflections)) {
    if (!reflection.isDeclaration() && !reflection.isSignature()) continue;
    reflection.overwrites = undefined;
    reflection.inheritedFrom = undefined;
    reflection.implementationOf = undefined;
  }
}

/**
 * Interfaces and classes without a docstring of their own: TypeDoc gives them what a base says.
 *
 * @param {import('typedoc').ProjectReflection} project before that.
 */
function undocumentedTypes(project) {
  const { Class, Interface } = ReflectionKind;
  return project.getReflectionsByKind(Class | Interface).filter((type) => !type.hasComment());
}

/**
 * Properties without a docstring, those of types that are written in place too: but for the values of constants, which
 * TypeDoc's own check would ask for, and for `kind: 'step'`, which tells the members of a union apart.
 *
 * @param {import('typedoc').ProjectReflection} project
 */
function undocumentedProperties(project) {
  const { Class, Interface, Property, TypeLiteral } = ReflectionKind;
  const properties = /** @type {import('typedoc').DeclarationReflection[]} */ (
    project.getReflectionsByKind(Property)
  );
  return properties
    .filter(
      ({ parent, type }) =>
        parent?.kindOf([Class, Interface]) ||
        (parent?.kindOf(TypeLiteral) && type?.type !== 'literal' && !isOfConstant(parent)),
    )
    .filter((property) => !property.hasComment());
}

/** @param {import('typedoc').Reflection | undefined} reflection @returns {boolean} */
function isOfConstant(reflection) {
  if (reflection === undefined) return false;
  return reflection.kindOf(ReflectionKind.Variable) || isOfConstant(reflection.parent);
}

/**
 * Documents and places in the sources that docstrings name, but in a link, which the reference could follow.
 *
 * @param {import('typedoc').ProjectReflection} project
 */
function namedFiles(project) {
  /** @type {Set<string>} */
  const found = new Set();
  for (const reflection of Object.values(project.reflections)) {
    const { summary = [], blockTags = [] } = reflection.comment ?? {};
    const told = blockTags.filter(({ tag }) => tag !== '@example');
    const parts = [...summary, ...told.flatMap(({ content }) => content)];
    const text = parts.filter(({ kind }) => kind === 'text' || kind === 'code');
    const prose = text.map((part) => part.text).join(' ');
    for (const [name] of prose.replaceAll(/\[[^\]]*\]\(/g, '').matchAll(FILE_NAME)) {
      found.add(`${reflection.getFullName()} names ${name}, which is no link`);
    }
  }
  return found;
}

/**
 * What is wrong with the docstrings: exports, methods and properties without one, links to what there is not,
 * types in signatures that are not exported, documents that are named and no link.
 *
 * @param {string} root of the project.
 * @param {string[]} [files] from root on; the entries of the package when left out.
 * @returns {Promise<string[]>}
 */
export async function referenceComplaints(root, files) {
  const { app, project, complaints, types } = await convert(root, files);
  app.validate(project);
  const undocumented = [...types, ...undocumentedProperties(project)];
  const names = new Set(undocumented.map((reflection) => reflection.getFullName()));
  return [
    ...complaints.all,
    ...[...names].map((name) => `${name} does not have any documentation`),
    ...namedFiles(project),
  ];
}

/**
 * The reference of all that the package exports.
 *
 * @param {string} root of the project.
 * @returns {Promise<{ pages: ReferencePage[], linked: Map<string, string> }>} `linked`: files of the project that pages
 *   link to, from root on, by what links call them.
 */
export async function reference(root) {
  const { app, project } = await convert(root);
  const folder = await mkdtemp(join(tmpdir(), 'lethe-reference-'));
  try {
    app.options.setValue('outputs', [{ name: 'markdown', path: folder }]);
    await app.generateOutputs(project);
    const files = await readdir(folder, { recursive: true });
    const pages = files
      .map((file) => file.replaceAll('\\', '/'))
      .filter((file) => file.endsWith('.md') && !file.startsWith(MEDIA))
      .map(async (file) => pageOf(file, await readFile(join(folder, file), 'utf8')));
    const linked = Array.from(project.files.getNameToAbsoluteMap(), ([name, path]) => {
      return /** @type {const} */ ([MEDIA + name, relative(root, path).replaceAll('\\', '/')]);
    });
    return { pages: await Promise.all(pages), linked: new Map(linked) };
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** A getter under a heading of its own, up to the next one as high. */
const GETTER = /^#### Get Signature\n\n(.*?)(?=^#{1,4} |^\*\*\*$|(?![^]))/gms;

/** With headings one level higher. @param {string} text */
function raised(text) {
  return text.replaceAll(/^#(#+ )/gm, '$1');
}

/** @param {string} file that TypeDoc made @param {string} text @returns {ReferencePage} */
function pageOf(file, text) {
  const [, entry = '', kind, name] = /** @type {RegExpExecArray} */ (
    /^(?:(lethe(?:\/\w+?)??)\/)?(?:(classes|functions|interfaces|type-aliases|variables)\/)?(\w+)\.md$/.exec(
      file,
    )
  );
  // The list of entries, and that of the names of `lethe`, would have the same place.
  const path = posix
    .join('api', file)
    .replace(/^api\/lethe\/README\.md$/, 'api/lethe.html')
    .replace(/^api\/lethe\//, 'api/')
    .replace(/README\.md$/, 'index.html')
    .replace(/\.md$/, '.html');
  if (kind === undefined) {
    return { file, path, entry, name: entry || 'Reference', member: false, text };
  }
  const keyword = kind === 'interfaces' || kind === 'type-aliases' ? 'import type' : 'import';
  const head = `# ${name}\n\n\`\`\`ts\n${keyword} { ${name} } from '${entry}';\n\`\`\``;
  const body = text
    .replace(/^# .*$/m, () => head)
    // A cell that has nothing to say.
    .replaceAll(/ - (?=\|)/g, ' ')
    .replaceAll(GETTER, (_, /** @type {string} */ told) => raised(told));
  return { file, path, entry, name, member: true, text: body };
}
