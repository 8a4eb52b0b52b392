import { platform } from '../backend/platform';
import { ArgumentError, CheckpointError, NonFiniteError } from '../errors';
import { messageOf } from '../io/reason';
import { decodeSafetensors, encodeSafetensors } from '../io/safetensors';
import type { SafeTensor } from '../io/safetensors';
import { describeValue } from '../options';
import type { Tensor } from '../tensor/tensor';
import { Module } from './module';

/** A `URL`. */
export interface Address {
  /** The whole address. */
  readonly href: string;
}

/** A `Response`, a `Blob` or a `File`. */
export interface ByteSource {
  /** All of its bytes. */
  arrayBuffer(): Promise<ArrayBuffer>;
}

/**
 * Where the bytes of a module are: a path (in a page, and for `https:`, a URL), a `URL`, a `Response`, a
 * `Blob` or a `File`, or the bytes themselves.
 */
export type ModuleSource = string | Address | ByteSource | ArrayBuffer | ArrayBufferView;

const DTYPES = { f32: 'F32', f64: 'F64', i32: 'I32', u32: 'U32' } as const;

/**
 * The parameters of a module, under the names of its `stateDict`, as the bytes of a safetensors file.
 * They are of one moment, even if training goes on meanwhile. PyTorch's modules have the same names:
 * `load_file` of Python's safetensors gives what `load_state_dict` takes.
 *
 * @throws ArgumentError for what is no module.
 * @throws NonFiniteError for a NaN or an infinity: it is not worth keeping.
 * @example
 * ```ts
 * import { openDevice } from 'lethe';
 * import { encodeModule, Linear } from 'lethe/nn';
 *
 * const bytes = await encodeModule(new Linear(await openDevice('cpu'), 4, 2));
 * const file = new Blob([bytes]); // for a download, or a database
 * ```
 */
export function encodeModule(module: Module): Promise<Uint8Array<ArrayBuffer>> {
  return encode('encodeModule', module);
}

async function encode(owner: string, module: Module): Promise<Uint8Array<ArrayBuffer>> {
  checkModule(owner, module);
  const entries = await Promise.all(Array.from(module.stateDict(), readTensor));
  for (const [name, { data }] of entries) {
    if (data.every(Number.isFinite)) continue;
    throw new NonFiniteError(`${owner}: NaN or infinity in ${name}; nothing is saved`);
  }
  return encodeSafetensors(new Map(entries));
}

async function readTensor([name, value]: [string, Tensor]): Promise<[string, SafeTensor]> {
  const data = await value.data();
  return [name, { dtype: DTYPES[value.dtype], shape: value.shape, data } as SafeTensor];
}

/**
 * Writes a module's parameters into a safetensors file, where there are files: in Node, Deno and Bun. The
 * file before is whole until the new one is. In a page, `encodeModule` gives the bytes.
 *
 * @param target a path, or a `file:` URL. Its folder must exist.
 * @throws as `encodeModule`, or ArgumentError for what is no path, or where there are no files.
 * @throws CheckpointError when the system refuses to write.
 * @example
 * ```ts
 * import { openDevice } from 'lethe';
 * import { Linear, loadModule, saveModule } from 'lethe/nn';
 *
 * const device = await openDevice('cpu');
 * await saveModule('model.safetensors', new Linear(device, 4, 2));
 * const model = await loadModule('model.safetensors', new Linear(device, 4, 2));
 * console.log(model.weight.shape); // [ 2, 4 ]
 * ```
 */
export async function saveModule(target: string | Address, module: Module): Promise<void> {
  if (typeof target !== 'string' && !isAddress(target)) {
    throw new ArgumentError(
      `saveModule: target = ${describeValue(target)}; a path is needed first, and the module after it`,
    );
  }
  const bytes = await encode('saveModule', module);
  const { files } = platform();
  if (!files) {
    throw new ArgumentError(
      `saveModule: there are no files here to write ${nameOf(target)} into; encodeModule(module) gives ` +
        'the bytes. A bundle for Node resolves lethe with the condition "node"',
    );
  }
  await files.write(placeOf(target), bytes);
}

/**
 * Reads a module's parameters from a safetensors file: one of `saveModule`, or of PyTorch's
 * `state_dict()` for a module with the same names. Nothing is written unless everything fits.
 *
 * @returns the module.
 * @throws ArgumentError for what is no source or no module.
 * @throws CheckpointError when the file cannot be read or fetched, is damaged, or does not fit the module,
 *   with the names of the parameters that are missing, unexpected, or of another shape.
 * @example
 * ```ts
 * import { openDevice } from 'lethe';
 * import { encodeModule, Linear, loadModule } from 'lethe/nn';
 *
 * const device = await openDevice('cpu');
 * const bytes = await encodeModule(new Linear(device, 4, 2));
 * const model = await loadModule(bytes, new Linear(device, 4, 2)); // or a path, a URL, a File
 * console.log(model.parameterCount()); // 10
 * ```
 */
export async function loadModule<M extends Module>(source: ModuleSource, module: M): Promise<M> {
  checkModule('loadModule', module);
  const name = nameOf(source);
  const { tensors, metadata } = decodeSafetensors(await bytesOf(source), name);
  try {
    module.loadStateDict(tensors);
  } catch (cause) {
    if (!(cause instanceof CheckpointError)) throw cause;
    const remedy = 'lethe' in metadata ? '; loadModel of lethe/train reads this checkpoint' : '';
    throw new CheckpointError(`${name} does not fit: ${cause.message}${remedy}`, { cause });
  }
  return module;
}

function checkModule(owner: string, module: unknown): void {
  if (module instanceof Module) return;
  const remedy =
    typeof module === 'object' && module !== null && 'zeroGrad' in module
      ? "give the module that it updates; an optimiser's state is in its stateDict()"
      : 'give the module itself; several become one as the fields of a class that extends Module';
  throw new ArgumentError(`${owner}: module = ${describeValue(module)}; ${remedy}`);
}

async function bytesOf(source: ModuleSource): Promise<Uint8Array> {
  if (source instanceof ArrayBuffer) return new Uint8Array(source);
  if (ArrayBuffer.isView(source)) {
    return new Uint8Array(source.buffer, source.byteOffset, source.byteLength);
  }
  if (typeof source === 'string' || isAddress(source)) {
    const place = placeOf(source);
    const { files } = platform();
    const remote = /^(https?|blob|data):/i.test(String(place));
    return files && !remote ? files.read(place) : fetched(place);
  }
  if (isByteSource(source)) return contents(source);
  throw new ArgumentError(
    `loadModule: source = ${describeValue(source)}; a path, a URL, a Response, a Blob or bytes are ` +
      'needed first, and the module after it',
  );
}

async function fetched(place: string | URL): Promise<Uint8Array> {
  let response: Response;
  try {
    response = await fetch(place);
  } catch (cause) {
    throw new CheckpointError(`cannot fetch ${String(place)}: ${messageOf(cause)}`, { cause });
  }
  return contents(response);
}

async function contents(source: ByteSource): Promise<Uint8Array> {
  const { ok, status, url } = source as Partial<Response>;
  if (ok === false) {
    throw new CheckpointError(`cannot fetch ${url || 'it'}: the server answers ${status}`);
  }
  try {
    return new Uint8Array(await source.arrayBuffer());
  } catch (cause) {
    throw new CheckpointError(`cannot read ${nameOf(source)}: ${messageOf(cause)}`, { cause });
  }
}

function isAddress(value: unknown): value is Address {
  return typeof value === 'object' && value !== null && 'href' in value;
}

function isByteSource(value: unknown): value is ByteSource {
  return (
    typeof value === 'object' &&
    value !== null &&
    'arrayBuffer' in value &&
    typeof value.arrayBuffer === 'function'
  );
}

function placeOf(target: string | Address): string | URL {
  return typeof target === 'string' ? target : new URL(target.href);
}

/** For messages. */
function nameOf(source: ModuleSource): string {
  if (typeof source === 'string') return source;
  if (isAddress(source)) return source.href;
  const { url, name } = (source ?? {}) as { url?: unknown; name?: unknown };
  return (
    ([url, name].find((text) => typeof text === 'string' && text !== '') as string) ?? 'the file'
  );
}
