export { type Engine, type EngineInfo, type EngineOptions, openEngine } from './engine.js';
export { prepareOptimizer } from './layers/prepare-optimizer.js';
export { allLayers, withSeededLayers } from './layers/seeded-layers.js';
export { defaultCacheDir } from './native/cache-dir.js';
export type { NativeDevice } from './native/library.js';
export type { OnProgress, SetUpProgress } from './native/progress.js';
export { type SetUpOptions, setUpNative } from './native/set-up.js';
export { inspectNative, type MissingPart, type NativeStatus } from './native/status.js';
export { type TakenWheel, type TakeWheelOptions, takeWheel } from './native/wheel.js';
export { type AdamOptions, adam, adamw } from './optimizers/adam.js';
export { type MomentumOptions, momentum, sgd } from './optimizers/sgd.js';
export type { DecayOption, NamedTensors, UpdateArguments, UpdateRule } from './optimizers/update-rule.js';
export type { Random } from './random/random.js';
export type {
  ArrayInput,
  Mode,
  Program,
  ProgramContext,
  ProgramReport,
  ProgramResult,
  RunOptions,
  Session,
  SessionReport,
  SessionSpec,
  StateSpec,
  TensorSpec,
} from './session/spec.js';
export type { TensorFlow } from './tensorflow/backend.js';
