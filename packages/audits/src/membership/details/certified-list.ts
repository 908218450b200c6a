import type { MembershipReport } from '@engram/contract';
import type { Measured } from '@engram/domain';
import { auc, certifyMembers, clopperPearson, shortestCertifiedList } from '@engram/metrics';
import { judgeControl } from '../gates/control-gates.js';

type Section = NonNullable<MembershipReport['certified']>;

export interface CertifiedList {
  /** Null when calibration samples are not like the non-members judged: then no list is sound. */
  readonly section: Section | null;
  /** (n) 1 = certified; null without a list. */
  readonly marks: Uint8Array | null;
  /** Why there is no list, for the report's limits. */
  readonly limit: string | null;
}

const mostIds = 1000;

/**
 * The list of samples certified to be members at a false discovery rate, with what the audit knows of its truth. Sound only
 * if calibration samples are exchangeable with the non-members judged: the same scores must not tell these two apart.
 *
 * @param scores (n) of the primary attack on the samples judged.
 * @param sampleIds (n)
 */
export function certifiedList(given: {
  readonly scoreId: string;
  readonly scores: Float64Array;
  readonly calibrationScores: Float64Array;
  readonly membership: Uint8Array;
  readonly sampleIds: readonly string[];
  readonly fdr: number;
  readonly confidence: number;
  readonly seed: number;
}): CertifiedList {
  const { scores, calibrationScores, membership, fdr, confidence, sampleIds } = given;
  const exchangeability = nonMembersAgainstCalibration(given);
  if (exchangeability.failed)
    return {
      section: null,
      marks: null,
      limit: `No list of members was certified: ${given.scoreId} tells the calibration samples from the non-members judged (AUC ${exchangeability.value}), so they are not of one source.`,
    };
  const { listed, count, expectedFalseShare } = certifyMembers(scores, calibrationScores, fdr);
  const rows = [...listed.keys()].filter((row) => listed[row] === 1).sort((a, b) => scores[b] - scores[a]);
  const wrong = rows.filter((row) => membership[row] === 0).length;
  return {
    section: {
      fdr,
      scoreId: given.scoreId,
      calibrationSamples: calibrationScores.length,
      nonMembersAgainstCalibration: exchangeability.measured,
      shortestList: shortestCertifiedList(scores.length, calibrationScores.length, fdr),
      count,
      expectedFalseShare,
      realisedFalseShare: clopperPearson(wrong, count, confidence),
      sampleIds: rows.slice(0, mostIds).map((row) => sampleIds[row]),
    },
    marks: listed,
    limit: null,
  };
}

function nonMembersAgainstCalibration({
  scores,
  calibrationScores,
  membership,
  confidence,
  seed,
}: Parameters<typeof certifiedList>[0]): { measured: Measured; failed: boolean; value: string } {
  const judged = scores.filter((_, i) => membership[i] === 0);
  const both = new Float64Array(judged.length + calibrationScores.length);
  both.set(judged);
  both.set(calibrationScores, judged.length);
  const labels = new Uint8Array(both.length).fill(1, 0, judged.length);
  const measured = auc(both, labels, { confidence, seed });
  return measured.status === 'notMeasured'
    ? { measured, failed: false, value: 'unknown' }
    : { measured, failed: judgeControl(measured, labels) === 'fail', value: measured.value.toFixed(3) };
}
