export { defaultCacheDir } from './native/cache-dir.js';
export type { NativeDevice } from './native/library.js';
export type { OnProgress, SetUpProgress } from './native/progress.js';
export { type SetUpOptions, setUpNative } from './native/set-up.js';
export { inspectNative, type MissingPart, type NativeStatus } from './native/status.js';
export { type TakenWheel, type TakeWheelOptions, takeWheel } from './native/wheel.js';
