import type { NdArray } from '@engram/domain';
import type { Engine, Program, Session, StateSpec } from '@engram/engine';
import { sizeOf } from '../network/initializers.js';
import type { LlamaConfig } from './config.js';
import { rotaryTables } from './llama.js';
import { type LlamaWeights, llamaWeightShapes } from './weights.js';

/** A Llama's weights in a session whose programs are added as they are needed. */
export interface LlamaSession {
  /**
   * Makes sure programs are there. A session's programs are fixed when it is made, so a new one means a new session:
   * what variables other than weights held is gone. Call it before the first of the runs that share such variables.
   */
  prepare(needed: Readonly<Record<string, () => Program>>): void;
  run: Session['run'];
  dispose(): void;
}

/** @param extra further variables, zero when the session is made. */
export function openLlamaSession(
  engine: Engine,
  config: LlamaConfig,
  weights: LlamaWeights,
  name: string,
  extra: Readonly<Record<string, StateSpec>> = {},
): LlamaSession {
  const programs = new Map<string, Program>();
  let session: Session | undefined;

  return {
    prepare(needed) {
      const missing = Object.entries(needed).filter(([program]) => !programs.has(program));
      if (missing.length === 0) return;
      for (const [program, make] of missing) programs.set(program, make());
      session?.dispose();
      session = engine.session({
        name,
        state: { ...weightState(weights), ...extra },
        data: rotaryData(config),
        programs: Object.fromEntries(programs),
      });
    },
    run: (...call) => session!.run(...call),
    dispose() {
      session?.dispose();
      session = undefined;
      programs.clear();
    },
  };
}

/** Weights as variables of a session. */
export function weightState(weights: LlamaWeights): Record<string, StateSpec> {
  return Object.fromEntries(
    Object.entries(weights).map(([name, { data, shape }]) => [name, { shape, dtype: 'float32', initial: data }]),
  );
}

/** The rotary tables of the whole context as data of a session. */
export function rotaryData(config: LlamaConfig): Record<'cosine' | 'sine', NdArray<Float32Array>> {
  const { cosine, sine } = rotaryTables(config, config.contextLength);
  const shape = [config.contextLength, config.headWidth / 2];
  return { cosine: { data: cosine, shape }, sine: { data: sine, shape } };
}

/**
 * For programs that see many tokens at once. Measured on CPUs: up to some ten million weights the plain graph scores and
 * trains as fast as XLA's or faster, without compiling for seconds at every new length; above, XLA gains a third.
 */
export function plainGraphMode(engine: Engine, config: LlamaConfig): 'recorded' | undefined {
  const values = [...llamaWeightShapes(config).values()].reduce((sum, shape) => sum + sizeOf(shape), 0);
  return engine.info.mode === 'auto' && engine.info.device === 'cpu' && values < 20_000_000 ? 'recorded' : undefined;
}
