import type { Limits } from '../kernel';

// Apart from what has types of WebGPU, which a user's TypeScript may lack: these types are public.

/** What an adapter says of itself. */
export interface AdapterReport {
  name: string;
  vendor: string;
  architecture: string;
  /** True for a software adapter: a test rig, not a GPU. */
  software: boolean;
  features: string[];
  maxBufferBytes: number;
  /** What it says of workgroups and subgroups. */
  limits: Limits;
}

export interface AdapterList {
  /** Whose WebGPU it is and of which version, such as `wgpu (Firefox 145.0)`; absent where there is none. */
  implementation?: string;
  adapters: AdapterReport[];
  /** Why there is no adapter. */
  reason?: string;
}
