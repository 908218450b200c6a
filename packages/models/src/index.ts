export { drawnForms } from './bank/form-plan.js';
export type {
  BankEvaluation,
  BankModel,
  BankRecord,
  BankRequest,
  BankResult,
  Labels,
  ModelWeights,
  Moments,
  StepNoise,
  TrainedModel,
} from './bank/request.js';
export { learningRateAt } from './bank/schedule.js';
export { trainBank } from './bank/train-bank.js';
export { inspectModel } from './catalog.js';
export { byteTokenizerJson, byteTokens } from './causal-lm/byte-tokenizer.js';
export type { LlamaConfig } from './causal-lm/config.js';
export { initialLlamaWeights } from './causal-lm/initial-weights.js';
export { type LlamaDirectory, readLlamaDirectory } from './causal-lm/inspect.js';
export type { Decoder, GenerateOptions, OpenLanguageModel, TokenSignals } from './causal-lm/language-model.js';
export { type LlamaModel, openLlamaWeights } from './causal-lm/open-llama.js';
export { createTokenizer, type Tokenizer } from './causal-lm/tokenizer.js';
export { trainLanguageModels } from './causal-lm/train.js';
export type {
  LanguageBankModel,
  LanguageBankRequest,
  LanguageBankResult,
  LanguageEvaluation,
  TrainedLanguageModel,
} from './causal-lm/train-request.js';
export type { LlamaWeights } from './causal-lm/weights.js';
export { writeLlama } from './causal-lm/write-llama.js';
export { augmentationFault } from './check-augmentation.js';
export {
  lossOf,
  type ModelManifest,
  modelManifest,
  type ParsedManifest,
  parseModelManifest,
  recipe,
  recipeOf,
} from './manifest.js';
export { lastDenseLayer } from './network/last-layer.js';
export type { Network } from './network/network.js';
export { type OpenInputGradients, openInputGradients } from './network/open-input-gradients.js';
export { type OpenNetwork, openNetwork } from './network/open-network.js';
export type { OnnxRuntime } from './onnx/session.js';
export { openLanguageModel } from './open-language-model.js';
export { type Drivers, openPredictor } from './open-predictor.js';
export {
  isArchitectureFile,
  type LayersModel,
  readLayersModel,
  readLayersNetwork,
} from './tfjs-layers/read-model.js';
export { readCheckpoint, type WeightsManifest } from './tfjs-layers/weights.js';
