/**
 * Pages take the CPU's kernels as files of their own, of which a browser loads the one that it can
 * run, instead of both within the script. The library keeps them inside, so that it is one file to
 * embed.
 */
export const wasmBeside = {
  name: 'wasm-beside',
  apply: /** @type {const} */ ('build'),
  enforce: /** @type {const} */ ('post'),
  /**
   * @this {import('vite').Rollup.PluginContext}
   * @param {string} code
   * @param {string} id
   */
  transform(code, id) {
    if (!id.endsWith('/simd/wasm.ts')) return undefined;
    const [names, ...modules] = code.split(/export const (?=plain|relaxed)/);
    const urls = modules.map((module) => {
      const base64 = Array.from(module.matchAll(/["'`]([\w+/=]+)["'`]/g), ([, part]) => part);
      const source = Buffer.from(base64.join(''), 'base64');
      const name = `${module.startsWith('plain') ? 'plain' : 'relaxed'}.wasm`;
      return { name, reference: this.emitFile({ type: 'asset', name, source }) };
    });
    const urlOf = (/** @type {string} */ name) =>
      `import.meta.ROLLUP_FILE_URL_${urls.find((url) => url.name === name)?.reference}`;
    // Without a file, or without WebAssembly, the library computes by plain JavaScript.
    return `${names}
      const none = new Uint8Array();
      const load = (url) =>
        fetch(url)
          .then(async (file) => (file.ok ? new Uint8Array(await file.arrayBuffer()) : none))
          .catch(() => none);
      const runs = (module) => typeof WebAssembly !== 'undefined' && WebAssembly.validate(module);
      export const relaxed = await load(${urlOf('relaxed.wasm')});
      export const plain = runs(relaxed) ? relaxed : await load(${urlOf('plain.wasm')});`;
  },
};
