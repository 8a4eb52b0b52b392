export { decodeSafetensors, encodeSafetensors } from './safetensors';
export type { SafeArrays, SafeDType, SafeTensor, SafeTensors, TensorsByName } from './safetensors';
