/** Names Dawn's adapter on the Vulkan driver of the environment; exits with 0 if there is one. */
import { create } from 'webgpu';

const adapter = await create([]).requestAdapter();
console.log(adapter?.info.description ?? 'no adapter');
process.exit(adapter ? 0 : 1);
