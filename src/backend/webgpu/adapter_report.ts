import type { Limits } from '../kernel';

// Apart from what has types of WebGPU, which a user's TypeScript may lack: these types are public.

/** What an adapter says of itself. */
export interface AdapterReport {
  /** For people: its description, or what else it tells of itself. */
  name: string;
  /** `GPUAdapterInfo.vendor`, such as `nvidia`; may be empty. */
  vendor: string;
  /** `GPUAdapterInfo.architecture`, such as `ampere`; may be empty. */
  architecture: string;
  /** True for a software adapter: a test rig, not a GPU. */
  software: boolean;
  /** The optional features of WebGPU that it has, such as `shader-f16` and `subgroups`. */
  features: string[];
  /** The largest buffer, and so the largest tensor, in bytes. */
  maxBufferBytes: number;
  /** What it says of workgroups and subgroups. */
  limits: Limits;
}

/** What `listAdapters` finds. */
export interface AdapterList {
  /** Whose WebGPU it is and of which version, such as `wgpu (Firefox 145.0)`; absent where there is none. */
  implementation?: string;
  /** Those that there are, without repetition; empty where there is none. */
  adapters: AdapterReport[];
  /** Why there is no adapter. */
  reason?: string;
}
