import type { DifficultyReport, Finding } from '@engram/contract';
import { notMeasured } from '@engram/domain';

/**
 * What verification shows of the estimators: a finding for each rank correlation whose whole interval is above 0. Its id
 * says what kind of number it is (`unlearningDifficulty.privacyLoss.rankCorrelation.steps`): a correlation, not steps.
 */
export function difficultyFindings(section: DifficultyReport): Finding[] {
  return (section.verification?.rankCorrelation ?? []).flatMap(({ estimator, against, measured }): Finding[] =>
    measured.status === 'measured' && measured.low > 0
      ? [
          {
            id: `unlearningDifficulty.${estimator}.rankCorrelation.${against}`,
            severity: 'info',
            statement: `Records ranked hard by ${estimator} were harder to unlearn in fact (rank correlation with ${against === 'steps' ? 'steps needed' : 'the gap to a model that never saw them'}).`,
            measured,
            control: notMeasured('ENG_NOT_REQUESTED', 'a rank correlation is compared with 0'),
          },
        ]
      : [],
  );
}
