/**
 * Files in the format safetensors.
 *
 * @module
 */
export { decodeSafetensors, encodeSafetensors } from './safetensors';
export type {
  SafeArrays,
  SafeDType,
  SafeTensor,
  SafetensorsFile,
  TensorsByName,
} from './safetensors';
