import { cpus } from 'node:os';

import type { Command } from 'commander';

import { findEngine, loadEngine } from '../backend/cpu/load_engine';
import type { AdapterReport } from '../backend/webgpu/adapter_report';
import { listAdapters } from '../backend/webgpu/list_adapters';
import { openDevice } from '../tensor/open';
import { grouped } from './numbers';
import { discoverAdapters } from './quiet';
import { print, printJson } from './terminal';
import { offerSoftwareDriver } from './vulkan';

export function addDoctorCommand(program: Command): void {
  program
    .command('doctor')
    .description('tell which devices there are, and which one is chosen and why')
    .option('--json', 'one JSON object instead of words')
    .action(runDoctor);
}

async function runDoctor({ json }: { json?: boolean }): Promise<void> {
  offerSoftwareDriver();
  await discoverAdapters();
  const { implementation, adapters, reason } = await listAdapters();
  const device = await openDevice('auto');
  const chosen = { kind: device.kind, description: device.description, reason: device.reason };
  device.dispose();
  const [processor] = cpus();
  const [runtime, version] = runtimeOf(process.versions);
  await loadEngine();
  const simd = findEngine() !== null;
  const cpu = { name: processor?.model ?? 'unknown', cores: cpus().length, simd };
  if (json) {
    const report = {
      runtime: `${runtime} ${version}`,
      node: process.version,
      platform: process.platform,
      cpu,
      implementation,
      adapters,
      reason,
      chosen,
    };
    printJson(report);
    return;
  }
  const lines = [
    `${runtime.padEnd(9)} ${version} on ${process.platform} ${process.arch}`,
    `cpu       ${cpu.name}, ${cpu.cores} cores, WebAssembly SIMD ${cpu.simd ? 'yes' : 'no'}`,
  ];
  if (reason) lines.push(`webgpu    none: ${reason}`);
  for (const adapter of adapters) {
    const megabytes = grouped(adapter.maxBufferBytes / 2 ** 20);
    lines.push(
      `webgpu    ${adapter.name} (${adapter.software ? 'software' : 'hardware'}), ` +
        `by ${implementation}, buffers up to ${megabytes} MiB`,
      `          ${describeLimits(adapter.limits)}`,
    );
  }
  const why = chosen.reason === reason ? 'there is no WebGPU adapter' : chosen.reason;
  lines.push(`auto      ${chosen.description}, because ${why}`);
  if (chosen.kind === 'cpu' && adapters.length > 0) {
    lines.push('          --device webgpu takes the software adapter all the same');
  }
  print(lines.join('\n'));
}

function describeLimits({
  invocations,
  workgroupBytes,
  subgroups,
}: AdapterReport['limits']): string {
  const kibibytes = grouped(workgroupBytes / 1024);
  const lanes =
    subgroups &&
    (subgroups.least === subgroups.most
      ? `of ${subgroups.least}`
      : `of ${subgroups.least} to ${subgroups.most}`);
  return (
    `workgroups up to ${invocations} threads and ${kibibytes} KiB, ` +
    (lanes ? `subgroups ${lanes} threads` : 'no subgroups')
  );
}

/** Deno and Bun also call themselves a Node. */
function runtimeOf({ deno, bun }: NodeJS.ProcessVersions): [name: string, version: string] {
  if (deno) return ['deno', `v${deno}`];
  return bun ? ['bun', `v${bun}`] : ['node', process.version];
}
