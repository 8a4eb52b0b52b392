/** Runs before each file with `LETHE_TEST_ADAPTER=hardware`: on a software adapter it fails. */
import { describeAdapter, requestAdapter } from '../../src/backend/webgpu/adapter';
import { requestGpu } from './gpu';

const adapter = await requestAdapter(await requestGpu());
const { name, software } = describeAdapter(adapter!);
if (software) {
  throw new Error(
    `LETHE_TEST_ADAPTER=hardware, and the only adapter is ${name}, which is software; ` +
      'VK_ICD_FILENAMES names the driver of a GPU where the Vulkan loader does not find it',
  );
}
