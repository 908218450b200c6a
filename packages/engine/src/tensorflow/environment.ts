import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import type { NativeStatus } from '../native/status.js';

export interface EngineEnvironment {
  readonly threads: number;
  readonly deterministic: boolean;
}

/**
 * Sets what libtensorflow reads from the environment when it is loaded; later changes have no effect on it. What the
 * user has set stays.
 */
export function applyEnvironment(
  options: { readonly device?: 'auto' | 'cpu' | 'cuda'; readonly threads?: number },
  status: NativeStatus,
): EngineEnvironment {
  const { env } = process;
  const threads = options.threads ?? (Number(env.TF_NUM_INTRAOP_THREADS) || availableParallelism());
  env.TF_CPP_MIN_LOG_LEVEL ??= '2';
  env.TF_NUM_INTRAOP_THREADS = String(threads);
  env.TF_NUM_INTEROP_THREADS ??= String(threads);
  env.OMP_NUM_THREADS ??= String(threads);
  env.TF_DETERMINISTIC_OPS ??= '1';
  // Grows as needed instead of taking the whole device at once.
  env.TF_FORCE_GPU_ALLOW_GROWTH ??= 'true';
  if (options.device === 'cpu') env.CUDA_VISIBLE_DEVICES = '-1';
  if (status.device === 'cuda' && status.libraryFolder !== null) {
    // Where XLA finds the assembler and libdevice among the unpacked wheels.
    const cuda = join(dirname(status.libraryFolder), 'nvidia', 'cuda_nvcc');
    env.XLA_FLAGS = [env.XLA_FLAGS, `--xla_gpu_cuda_data_dir=${cuda}`].filter(Boolean).join(' ');
  }
  return { threads, deterministic: env.TF_DETERMINISTIC_OPS === '1' || env.TF_DETERMINISTIC_OPS === 'true' };
}
