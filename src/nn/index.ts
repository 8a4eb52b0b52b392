/**
 * Modules: recurrent layers and their cells, embeddings, linear layers, attention, encoder and decoder, CRF; decoding; files of
 * modules.
 *
 * @module
 */
export type { OptionNames } from '../options';
export { CellDefinition, defineCell } from '../cell/definition';
export type { Algebra } from '../cell/expression';
export type { CellSpec, CellValues, VectorInit } from '../cell/spec';
export { Attention } from './attention';
export type {
  AttentionKind,
  AttentionMask,
  AttentionMemory,
  AttentionOptions,
  AttentionResult,
} from './attention';
export { beamSearch } from './beam_search';
export type { BeamSearchOptions } from './beam_search';
export { Cell, CELL_OPTIONS } from './cells/cell';
export type { CellOptions, RecurrentState } from './cells/cell';
export { GRUCell } from './cells/gru_cell';
export { LSTMCell } from './cells/lstm_cell';
export type { LSTMCellOptions } from './cells/lstm_cell';
export type { CellEntry, CellText, DefinedCell, UnrolledCell } from './cells/entry';
export { GRUResetBeforeCell } from './cells/gru_reset_before';
export { lstmOf } from './cells/lstm';
export type { LSTMVariant } from './cells/lstm';
export type { CellParts } from './cells/parameters';
export { CELLS } from './cells/registry';
export type { CellName } from './cells/registry';
export { RNNCell } from './cells/rnn_cell';
export type { RNNCellOptions } from './cells/rnn_cell';
export { SCAN_CELL_OPTIONS, ScanCell } from './cells/scan_cell';
export type { ScanCellOptions } from './cells/scan_cell';
export { Decoder } from './decoder';
export type {
  DecoderFeatures,
  DecoderForwardOptions,
  DecoderOptions,
  DecoderResult,
} from './decoder_options';
export type { DecodingFunction, DecodingOptions, DecodingStep, Hypothesis } from './decoding';
export { greedy } from './greedy';
export { CRF } from './crf';
export type { CRFDecoded } from './crf';
export { Dropout } from './dropout';
export { Embedding, OneHot, type EmbeddingOptions, type PretrainedOptions } from './embedding';
export { Encoder } from './encoder';
export type { AnyRecurrent, CoderOptions, EncoderOptions } from './encoder';
export { EncoderDecoder } from './encoder_decoder';
export type {
  EncodedSource,
  EncoderDecoderForwardOptions,
  GenerateOptions,
  SourceOptions,
} from './encoder_decoder';
export { manualSeed, normal, orthogonal, parameter, uniform } from './init';
export type { InitOptions } from './init';
export { Linear } from './linear';
export type { LinearOptions } from './linear';
export { Module } from './module';
export type { Layer, StateValue } from './module';
export { GRU } from './gru';
export type { GRUOptions } from './gru';
export type { RecurrentOptions, RecurrentResult, StateArgument } from './layer_options';
export { LSTM } from './lstm';
export type { LSTMOptions } from './lstm';
export {
  PackedSequence,
  packPaddedSequence,
  padPackedSequence,
  padSequence,
} from './packed_sequence';
export type { PackOptions, PadSequenceOptions, PadPackedOptions } from './packed_sequence';
export type { Packing } from './packing';
export { Recurrent } from './recurrent';
export type { CellKind } from './recurrent';
export type { ForwardOptions } from './recurrent_input';
export { RNN } from './rnn';
export type { RNNOptions } from './rnn';
export { encodeModule, loadModule, saveModule } from './save';
export type { Address, ByteSource, ModuleSource } from './save';
export { Activation, MLP, Sequential } from './sequential';
export type { MLPOptions } from './sequential';
