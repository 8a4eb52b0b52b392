/**
 * Every error that Lethe throws on purpose. Each message names the argument, what was given, and
 * the way out. Bad input is refused before any kernel runs.
 */
export class LetheError extends Error {
  /** The name of the class, whatever a minifier makes of it. */
  override readonly name: string = 'LetheError';
}

/** A tensor has a shape that the operation does not take. */
export class ShapeError extends LetheError {
  override readonly name: string = 'ShapeError';
}

/** A tensor has an element type that the operation or the device does not take. */
export class DTypeError extends LetheError {
  override readonly name: string = 'DTypeError';
}

/** A setting or a plain value is out of its range. */
export class ArgumentError extends LetheError {
  override readonly name: string = 'ArgumentError';
}

/** A token id or an index lies outside its table; the message gives its position. */
export class IndexError extends LetheError {
  override readonly name: string = 'IndexError';
}

/** Tensors of different devices met in one operation, or no device of the wanted kind exists. */
export class DeviceError extends LetheError {
  override readonly name: string = 'DeviceError';
}

/** The GPU was lost: the process died, the driver reset, or the device was destroyed. */
export class DeviceLostError extends DeviceError {
  override readonly name: string = 'DeviceLostError';
}

/** The device has no room for an allocation; the message gives the sizes. */
export class OutOfMemoryError extends DeviceError {
  override readonly name: string = 'OutOfMemoryError';
}

/** WGSL did not compile, or the GPU refused a command. The message gives shader, line and source. */
export class ShaderError extends DeviceError {
  override readonly name: string = 'ShaderError';
}

/** A tensor was used after `dispose()`, after its scope ended, or after `backward` freed it. */
export class DisposedError extends LetheError {
  override readonly name: string = 'DisposedError';
}

/** `backward` cannot run: nothing to differentiate, or the graph was already used up. */
export class GraphError extends LetheError {
  override readonly name: string = 'GraphError';
}

/** A NaN or an infinity stands in a parameter, or in what a network gave; the message says where. */
export class NonFiniteError extends LetheError {
  override readonly name: string = 'NonFiniteError';
}

/** A text is empty, too short, not UTF-8, or holds a character that the vocabulary lacks. */
export class TextError extends LetheError {
  override readonly name: string = 'TextError';
}

/**
 * Data cannot be used: nothing is there, a row is ragged, too long or empty, a number is NaN, a label is
 * unknown or out of range. The message names the row, counted from 0, or the line, counted from 1.
 */
export class DataError extends LetheError {
  override readonly name: string = 'DataError';
}

/** A checkpoint or a safetensors file is damaged, or belongs to another model. */
export class CheckpointError extends LetheError {
  override readonly name: string = 'CheckpointError';
}

/** A step cannot be recorded, or a recorded one cannot be replayed. */
export class RecordingError extends LetheError {
  override readonly name: string = 'RecordingError';
}
