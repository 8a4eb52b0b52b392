/**
 * Names Dawn's adapter on the Vulkan driver of the environment; exits with 0 if it computes in f16.
 */
import { create } from 'webgpu';

const adapter = await create([]).requestAdapter();
console.log(adapter?.info.description ?? 'no adapter');
process.exit(adapter?.features.has('shader-f16') ? 0 : 1);
