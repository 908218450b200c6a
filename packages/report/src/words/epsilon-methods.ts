import type { PrivacyBoundsReport } from '@engram/contract';

type Bound = PrivacyBoundsReport['bounds'][number];

/** Methods by the names their authors and users give them, short enough to stand beside a picture. */
export const epsilonMethodNames: Readonly<Record<Bound['method'], string>> = {
  oneRun: 'One run',
  fDpOneRun: 'One run, Gaussian',
  bettingEProcess: 'Betting (delta 0)',
  clopperPearson: 'Error rates',
  gaussian: 'Error rates, Gaussian',
  bayesian: 'Bayesian',
  gaussianSeparation: 'Score separation',
  logRatio: 'Log ratio',
};

/** What each number may be taken for. */
export const validityWords: Readonly<Record<Bound['valid'], string>> = {
  anyTraining: 'a bound, whatever the training',
  gaussianMechanisms: 'a bound for Gaussian noise only',
  givenThePrior: 'no bound: an interval that depends on its prior',
  never: 'no bound: an estimate',
};
