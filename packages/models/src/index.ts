export type {
  BankEvaluation,
  BankModel,
  BankRecord,
  BankRequest,
  BankResult,
  ModelWeights,
  Moments,
  StepNoise,
  TrainedModel,
} from './bank/request.js';
export { inspectModel } from './catalog.js';
export type { Decoder, GenerateOptions, OpenLanguageModel, TokenSignals } from './causal-lm/language-model.js';
export { createTokenizer, type Tokenizer } from './causal-lm/tokenizer.js';
export { sourceOfFolder } from './folder-source.js';
export {
  type Checkpoint,
  checkpoint,
  type ModelManifest,
  modelManifest,
  type ParsedManifest,
  parseModelManifest,
  recipe,
  recipeOf,
} from './manifest.js';
export { openOnnxClassifier } from './onnx/open-classifier.js';
export type { OnnxRuntime } from './onnx/session.js';
