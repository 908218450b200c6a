/** The curvature drops are computed with: H = weight * sum over all samples of J' C J + penalty * I. */
export interface DropSettings {
  readonly weight: number;
  readonly penalty: number;
}
