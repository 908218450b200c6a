import type { MatrixKernels } from '@engram/domain';

/** What drops are computed with: the curvature H = weight * sum over all samples of J' C J + penalty * I, and where. */
export interface DropSettings {
  readonly weight: number;
  readonly penalty: number;
  readonly kernels: MatrixKernels;
  /** Awaited every second or so, with the share of the work done: may throw to stop. */
  readonly pause: (share: number) => Promise<void>;
}
