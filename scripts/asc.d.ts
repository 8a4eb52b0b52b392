/**
 * What the build of the WebAssembly uses of AssemblyScript's compiler. The package's own types declare
 * AssemblyScript's standard library among the globals, where `at` of an array is never undefined.
 */
interface Options {
  readFile(name: string): Promise<string | null>;
  writeFile(name: string, contents: string | Uint8Array): void;
  listFiles(): string[];
  reportDiagnostic(diagnostic: { message: string }): void;
}
declare const asc: {
  main(args: readonly string[], options: Options): Promise<{ error: Error | null }>;
};
export default asc;
