import type { LabelMemorizationReport } from '@engram/contract';

type ScoreId = NonNullable<LabelMemorizationReport['review']>['score'];

/** Scores of how late, or how badly, a label was learned. */
export const dataDietNames: Readonly<Record<ScoreId, string>> = {
  cumulativeLoss: 'Loss over training',
  el2n: 'Early error (EL2N)',
  grand: 'Early gradient (GraNd)',
  forgetting: 'Forgetting events',
  loss: 'Final loss',
};
