import type { DifficultyReport, Finding } from '@engram/contract';
import { notMeasured } from '@engram/domain';
import { rankAgreement } from '../report/quantities.js';

/**
 * What verification shows of the estimators: a finding for each rank correlation whose whole interval is above 0. The
 * last part of its id (`unlearningDifficulty.privacyLoss.rankCorrelation.steps`) is what the estimate is compared with.
 */
export function difficultyFindings(section: DifficultyReport): Required<Finding>[] {
  return (section.verification?.rankCorrelation ?? []).flatMap(
    ({ estimator, against, measured }): Required<Finding>[] =>
      measured.status === 'measured' && measured.low > 0
        ? [
            {
              id: `unlearningDifficulty.${estimator}.rankCorrelation.${against}`,
              severity: 'info',
              statement: `Records ranked hard by ${estimator} were harder to unlearn in fact (rank correlation with ${against === 'steps' ? 'steps needed' : 'the gap to a model that never saw them'}).`,
              quantity: rankAgreement,
              measured,
              control: notMeasured('ENG_NOT_REQUESTED', 'a rank correlation is compared with 0'),
            },
          ]
        : [],
  );
}
