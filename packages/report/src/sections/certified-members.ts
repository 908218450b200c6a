import type { MembershipReport } from '@engram/contract';
import { type Html, html } from '../markup/html.js';
import { formatCount, formatPercent } from '../numbers/format-number.js';
import { measuredPhrase } from '../numbers/measured-cell.js';
import { foldedIds } from './folded-ids.js';

/** Records that can be named as members with a stated share of mistakes, and what that share really was. */
export function certifiedMembers({ certified, attacks }: MembershipReport, labels: readonly string[]): Html | null {
  if (certified === null) return null;
  const { fdr, count, sampleIds, scoreId, calibrationSamples, shortestList } = certified;
  const by = labels[attacks.findIndex((attack) => attack.scoreId === scoreId)] ?? scoreId;
  return html`<h3>Records certified as members</h3><p>${
    count === 0
      ? html`<b>No record</b> can be named as a member while keeping the expected share of wrongly named ones to ${formatPercent(fdr)}.`
      : html`<b>${formatCount(count)} ${count === 1 ? 'record' : 'records'}</b> can be named as members, of which ${formatPercent(certified.expectedFalseShare)} are expected to be none; up to ${formatPercent(fdr)} were allowed (the false discovery rate).`
  } They were ranked by ${by} and compared with ${formatCount(calibrationSamples)} non-members set aside.</p><ul class="in-words"><li>In truth, which an outsider would not know, the share wrongly named is ${measuredPhrase(certified.realisedFalseShare, 'rate')}.</li><li>With that many non-members set aside, a list of fewer than ${formatCount(shortestList)} records could not be certified.</li><li>Are the two groups of non-members, those judged and those set aside, alike? AUC between them: ${measuredPhrase(certified.nonMembersAgainstCalibration, 'auc')}; 0.5 if they are of one source.</li></ul>${foldedIds(sampleIds, `${formatCount(sampleIds.length)}${sampleIds.length < count ? ` of ${formatCount(count)}` : ''} certified records, the surest first`)}`;
}
