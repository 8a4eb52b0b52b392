import { ArgumentError } from '../errors';

/** What a scope can free; `Tensor` is one. */
interface Disposable {
  dispose(): void;
}

/** Where an object that is no plain one tells the tensors in it. @internal */
export const TENSORS = Symbol('tensors');

const scopes: Set<Disposable>[] = [];

/** Puts a new tensor under the innermost scope, if there is one. @internal */
export function adopt(value: Disposable): void {
  scopes.at(-1)?.add(value);
}

/** Takes a tensor out of the innermost scope: its owner frees it. @internal */
export function disown(value: Disposable): void {
  scopes.at(-1)?.delete(value);
}

/**
 * Runs `body` and frees the tensors made in it, but for those in its result (a tensor, a
 * `PackedSequence`, or arrays and plain objects of them), which pass to the enclosing scope, or to the caller. What a graph
 * still needs stays alive until `backward`.
 *
 * @throws ArgumentError when `body` returns a promise: reading is the only thing one waits for,
 *   and it goes outside.
 * @example
 * ```ts
 * import { mul, ones, openDevice, scope, sum } from 'lethe';
 *
 * const x = ones(await openDevice('cpu'), [2, 3]);
 * const total = scope(() => sum(mul(x, x))); // the product is freed
 * console.log(await total.item()); // 6
 * ```
 */
export function scope<T>(body: () => T): T {
  const created = new Set<Disposable>();
  scopes.push(created);
  let result: T | undefined;
  try {
    result = body();
    if (result instanceof Promise) {
      result.catch(() => {});
      throw new ArgumentError('scope: the body is async; read tensors outside the scope');
    }
    return result;
  } finally {
    scopes.pop();
    forEachMember(result, (value) => {
      if (created.delete(value)) adopt(value);
    });
    for (const value of created) value.dispose();
  }
}

/** Frees every tensor in `values` (a tensor, or arrays and plain objects of them). */
export function dispose(values: unknown): void {
  forEachMember(values, (value) => value.dispose());
}

function forEachMember(value: unknown, visit: (member: Disposable) => void): void {
  if (typeof value !== 'object' || value === null) return;
  if (TENSORS in value) {
    forEachMember(value[TENSORS], visit);
  } else if ('dispose' in value && typeof value.dispose === 'function') {
    visit(value as Disposable);
  } else if (Array.isArray(value)) {
    for (const member of value) forEachMember(member, visit);
  } else if (Object.getPrototypeOf(value) === Object.prototype) {
    for (const member of Object.values(value)) forEachMember(member, visit);
  }
}
