import { asEngramError, EngramError } from '@engram/domain';

/** What TensorFlow throws, as one of ours: out of memory by its own code, the rest as it is. */
export function deviceFailure(error: unknown, session: string): EngramError {
  const message = error instanceof Error ? error.message : String(error);
  if (/OOM when allocating|RESOURCE_EXHAUSTED|out of memory|failed to allocate/i.test(message)) {
    return new EngramError('ENG_DEVICE_OUT_OF_MEMORY', `the device has too little memory for ${session}`, {
      remedy: 'Try a smaller batch.',
      cause: error,
    });
  }
  if (/CUDA_ERROR|device lost|Xid/i.test(message)) {
    return new EngramError('ENG_DEVICE_LOST', `the device failed during ${session}`, { cause: error });
  }
  return asEngramError(error);
}
