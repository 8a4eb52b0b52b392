/**
 * Every error that Lethe throws on purpose. Each message names the argument, what was given, and
 * the way out. Bad input is refused before any kernel runs.
 */
export class LetheError extends Error {
  override get name(): string {
    return this.constructor.name;
  }
}

/** A tensor has a shape that the operation does not take. */
export class ShapeError extends LetheError {}

/** A tensor has an element type that the operation or the device does not take. */
export class DTypeError extends LetheError {}

/** A setting or a plain value is out of its range. */
export class ArgumentError extends LetheError {}

/** A token id or an index lies outside its table; the message gives its position. */
export class IndexError extends LetheError {}

/** Tensors of different devices met in one operation, or no device of the wanted kind exists. */
export class DeviceError extends LetheError {}

/** The GPU was lost: the process died, the driver reset, or the device was destroyed. */
export class DeviceLostError extends DeviceError {}

/** The device has no room for an allocation; the message gives the sizes. */
export class OutOfMemoryError extends DeviceError {}

/** WGSL did not compile, or the GPU refused a command. The message gives shader, line and source. */
export class ShaderError extends DeviceError {}

/** A tensor was used after `dispose()`, after its scope ended, or after `backward` freed it. */
export class DisposedError extends LetheError {}

/** `backward` cannot run: nothing to differentiate, or the graph was already used up. */
export class GraphError extends LetheError {}

/** A NaN or an infinity stands in a parameter; the message names it. */
export class NonFiniteError extends LetheError {}

/** A text is empty, too short, not UTF-8, or holds a character that the vocabulary lacks. */
export class TextError extends LetheError {}

/** A checkpoint or a safetensors file is damaged, or belongs to another model. */
export class CheckpointError extends LetheError {}
