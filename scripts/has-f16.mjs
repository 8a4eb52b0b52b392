/**
 * Names Dawn's adapter on the Vulkan driver of the environment; exits with 0 if it computes in f16, with
 * the features of Dawn that the tests of f16 run with.
 */
import { create } from 'webgpu';

import { DAWN_F16 } from './browser.mjs';

const adapter = await create([`enable-dawn-features=${DAWN_F16}`]).requestAdapter();
console.log(adapter?.info.description ?? 'no adapter');
process.exit(adapter?.features.has('shader-f16') ? 0 : 1);
