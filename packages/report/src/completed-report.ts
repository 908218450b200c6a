import type { AttackResult, MembershipReport, Report } from '@engram/contract';
import { notMeasured } from '@engram/domain';

const unmeasured = notMeasured('ENG_NOT_REQUESTED', 'the report was written before this was measured');

type AttackDefaults = Omit<
  AttackResult,
  | 'attack'
  | 'scoreId'
  | 'params'
  | 'primary'
  | 'direction'
  | 'auc'
  | 'roc'
  | 'histogram'
  | 'control'
  | 'referenceModels'
>;

const attackDefaults: AttackDefaults = {
  pValue: Number.NaN,
  adjustedPValue: Number.NaN,
  againstPrimary: null,
  tprAtFpr: [],
  aboveAllNonMembers: { measured: unmeasured, certifiedFpr: 1 },
  advantage: { advantage: unmeasured, balancedAccuracy: unmeasured, threshold: 'otherHalf' },
  pValueAgainstBlind: null,
  aucAboveBlind: null,
};

const rateDefaults: Omit<AttackResult['tprAtFpr'][number], 'fpr' | 'measured' | 'realisedFpr'> = {
  threshold: 'nonMembers',
  height: unmeasured,
  precision: [],
  pValue: null,
  adjustedPValue: null,
};

const membershipDefaults: Pick<
  MembershipReport,
  'samplesToSettle' | 'blindBaseline' | 'lossTail' | 'certified' | 'slices' | 'vulnerability'
> = { samplesToSettle: null, blindBaseline: null, lossTail: [], certified: null, slices: null, vulnerability: null };

/**
 * A stored report with every part that is read of its membership test: what an earlier version did not write is null,
 * empty or not measured. One of this version stays as it is.
 */
export function completedReport(report: Report): Report {
  const { membership } = report;
  if (membership === null) return report;
  return {
    ...report,
    membership: {
      ...membershipDefaults,
      ...membership,
      attacks: membership.attacks.map((attack) => ({
        ...attackDefaults,
        ...attack,
        tprAtFpr: attack.tprAtFpr.map((rate) => ({ ...rateDefaults, ...rate })),
      })),
    },
  };
}
