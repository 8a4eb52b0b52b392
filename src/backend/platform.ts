/** A way to WebGPU and whose it is, or the reason why there is none. */
export type GpuEntry = { gpu: GPU; implementation: string } | { reason: string };

/** Files, by path or `file:` URL. */
export interface Files {
  /** @throws CheckpointError when the system refuses. */
  read(place: string | URL): Promise<Uint8Array>;
  /**
   * Replaces a file in one step: it is whole at every moment.
   *
   * @throws CheckpointError when the system refuses.
   */
  write(place: string | URL, bytes: Uint8Array): Promise<void>;
}

/** What a runtime has in its own way. */
export interface Platform {
  /** Looks for WebGPU; asked once. */
  findGpu(): Promise<GpuEntry>;
  /**
   * Starts a worker that calls a function with `data`. It may still fail later, without a word.
   *
   * @param program the source of the function
   * @returns false where a worker could not share memory with this thread.
   * @throws where a worker is refused.
   */
  startWorker(program: string, data: unknown): boolean;
  /** Calls what gives a promise of WebGPU, where the runtime has to look whether it is settled. */
  waiting?<T>(call: () => Promise<T>): Promise<T>;
  /** Threads that run at the same time. */
  cores(): number;
  /** What is needed besides, for who looks after the machine; a visitor of a page does not. */
  readonly driverHint?: string;
  /** Pages have none. */
  readonly files?: Files;
}

/** Browsers, Deno and, from version 21 on, Node have it. */
function navigator(): {
  readonly gpu?: GPU;
  readonly hardwareConcurrency?: number;
  readonly userAgent?: string;
} {
  return (globalThis as { navigator?: object }).navigator ?? {};
}

/** Who calls itself what, in the order in which to ask: Chromium names Safari too. */
const IMPLEMENTATIONS = [
  ['wgpu', /(Deno)\/([\d.]+)/],
  ['wgpu', /(Firefox)\/([\d.]+)/],
  ['Dawn', /(Chrome)\/([\d.]+)/],
  ['WebKit', /(Version)\/([\d.]+).* Safari/],
] as const;

/** Such as `wgpu (Deno 2.9)`, from what a runtime with WebGPU calls itself. */
export function implementationOf(userAgent: string): string {
  for (const [name, pattern] of IMPLEMENTATIONS) {
    const [, runtime, version] = pattern.exec(userAgent) ?? [];
    if (runtime) return `${name} (${runtime === 'Version' ? 'Safari' : runtime} ${version})`;
  }
  return userAgent;
}

/** WebGPU of the runtime's own. */
export function ownGpu(): GpuEntry | undefined {
  const { gpu, userAgent = 'unknown' } = navigator();
  return gpu && { gpu, implementation: implementationOf(userAgent) };
}

/** Where the program of workers is found. */
let address: string | undefined;

/** Of a page that may be under Trusted Types (`require-trusted-types-for 'script'`); TypeScript's DOM lacks it. */
interface TrustedTypes {
  createPolicy(
    name: string,
    rules: { createScriptURL(url: string): string },
  ): { createScriptURL(url: string): string };
}

/** The address of a script as a page under Trusted Types takes it, by the policy `lethe`. */
function trusted(url: string): string {
  const { trustedTypes } = globalThis as { trustedTypes?: TrustedTypes };
  try {
    const policy = trustedTypes?.createPolicy('lethe', { createScriptURL: (own) => own });
    return policy ? policy.createScriptURL(url) : url;
  } catch {
    // The page allows other policies only, or another copy of the library has this one: there is one thread, unless a
    // default policy lets the address pass.
    return url;
  }
}

/** Pages and their workers. */
const browser: Platform = {
  async findGpu() {
    const own = ownGpu();
    if (own) return own;
    const reason =
      'document' in globalThis || 'WorkerGlobalScope' in globalThis
        ? 'this browser has no WebGPU (navigator.gpu is missing); use a current Chrome, Edge, ' +
          'Firefox or Safari over https or on localhost'
        : 'navigator.gpu is missing; in a bundle for Node, lethe must be resolved with the ' +
          'condition "node"';
    return { reason };
  },

  startWorker(program, data) {
    if (!globalThis.crossOriginIsolated || typeof Worker === 'undefined') return false;
    const code = `onmessage = ({ data }) => (${program})(data)`;
    address ??= trusted(URL.createObjectURL(new Blob([code], { type: 'text/javascript' })));
    new Worker(address).postMessage(data);
    return true;
  },

  cores: () => navigator().hardwareConcurrency ?? 1,
};

let current = browser;

export function platform(): Platform {
  return current;
}

/** Calls what gives a promise of WebGPU. */
export function waitingFor<T>(call: () => Promise<T>): Promise<T> {
  return current.waiting ? current.waiting(call) : call();
}

/** For runtimes other than browsers, before the first device. */
export function usePlatform(other: Platform): void {
  current = other;
}
