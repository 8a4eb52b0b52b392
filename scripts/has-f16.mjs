/** Exits with 0 if Dawn, on the Vulkan driver of the environment, has an adapter that computes in f16. */
import { create } from 'webgpu';

const adapter = await create([]).requestAdapter();
process.exit(adapter?.features.has('shader-f16') ? 0 : 1);
