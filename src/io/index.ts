export { decodeSafetensors, encodeSafetensors } from './safetensors';
export type { SafeDType, SafeTensor, SafeTensors, TensorsByName } from './safetensors';
