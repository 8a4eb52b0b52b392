/** By path: shaders/*.wgsl, and what they are joined with. */
const FILES = import.meta.glob<string>(['../../../shaders/*.wgsl', '../../../shaders/lib/*.wgsl'], {
  eager: true,
  query: '?raw',
  import: 'default',
});

/** The WGSL of a kernel's source: each `include` is replaced by its file. */
export function withFiles(source: string): string {
  return source.replace(/^#include (.*)$/gm, (_, name: string) => {
    const text = FILES[`../../../shaders/${name}.wgsl`];
    if (text === undefined) throw new Error(`there is no shaders/${name}.wgsl`);
    return text;
  });
}
