import { existsSync } from 'node:fs';

import { mayHaveVulkan } from '../backend/node_platform';
import type { Device } from '../tensor/device';
import { openDevice } from '../tensor/open';
import type { DeviceKind } from '../tensor/open';
import { discoverAdapters } from './quiet';
import { loadTuning } from './tuning_file';

/** Where Linux packages of Chromium and Chrome put SwiftShader, a Vulkan driver in software. */
const SWIFTSHADER = [
  '/usr/lib/chromium/vk_swiftshader_icd.json',
  '/usr/lib64/chromium-browser/vk_swiftshader_icd.json',
  '/usr/lib/chromium-browser/vk_swiftshader_icd.json',
  '/opt/google/chrome/vk_swiftshader_icd.json',
];

/** Opens the device that `--device` names. */
export async function openNamedDevice(kind: DeviceKind): Promise<Device> {
  if (kind === 'webgpu') offerSoftwareDriver();
  if (kind !== 'cpu') {
    await loadTuning();
    await discoverAdapters();
  }
  return openDevice(kind);
}

/**
 * Where Linux has no Vulkan driver of its own, lets Dawn use the software driver of an installed
 * browser: for who asks for WebGPU outright. A driver that the environment names comes first.
 */
export function offerSoftwareDriver(): void {
  if (mayHaveVulkan()) return;
  const driver = SWIFTSHADER.find((path) => existsSync(path));
  if (driver) process.env.VK_ICD_FILENAMES = driver;
}
