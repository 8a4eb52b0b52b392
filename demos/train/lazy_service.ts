import { proxy } from 'comlink';
import type { ProxyMarked } from 'comlink';

/** Loads once, and again where that failed. */
export function once<T>(load: () => Promise<T>): () => Promise<T> {
  let loaded: Promise<T> | undefined;
  return () =>
    (loaded ??= load().catch((error: unknown) => {
      loaded = undefined;
      throw error;
    }));
}

type Method = (...given: unknown[]) => unknown;

/** A part of the worker's service whose code is loaded when something is first asked of it. */
export function lazyService<T extends object>(load: () => Promise<T>): T & ProxyMarked {
  const loaded = once(load);
  const methods = new Proxy({} as T, {
    get: (own, name) => {
      if (name in own) return own[name as keyof T];
      return async (...given: unknown[]) => {
        const service = await loaded();
        return (service[name as keyof T] as Method)(...given);
      };
    },
  });
  return proxy(methods);
}
