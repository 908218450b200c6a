import type { MemorizationReport } from '@engram/contract';
import { memorizationHistogram } from '../charts/memorization-histogram.js';
import { figure } from '../charts/plot.js';
import { histogramLegend } from '../charts/score-histogram.js';
import { type Content, type Html, html } from '../markup/html.js';
import { formatCount, formatPercent, formatSignificant } from '../numbers/format-number.js';
import { measuredCell, measuredPhrase } from '../numbers/measured-cell.js';
import { limitsList, section, settingsList, verdictBadge } from './blocks.js';
import { cScorePart } from './c-score.js';
import { correlationsPart } from './correlations.js';
import { dataTable } from './data-table.js';
import { influencePart } from './influence.js';
import { memorizedSamples } from './memorized-samples.js';
import { onionPart } from './onion.js';

/** Which answers hang on a record having been trained on? How many, which ones, and what follows from deleting them. */
export function memorizationSection(report: MemorizationReport): Html {
  const { verdict, statement, influence, onion, limits } = report;
  return section(
    'memorization',
    html`Memorization: what is answered only because it was trained on? ${verdictBadge(verdict)}`,
    html`<p class="lead">${statement}</p>`,
    bankWords(report),
    overview(report),
    summaryTable(report),
    targetTable(report),
    memorizedSamples(report),
    report.typicality.cScore === undefined ? null : cScorePart(report.typicality.cScore),
    influence === null ? null : influencePart(influence),
    onion === null ? null : onionPart(onion),
    correlationsPart(report.correlations),
    limitsList(limits),
  );
}

const recipeOrigins = {
  request: 'The recipe was given in the request.',
  manifest: 'The recipe is the one the audited model was uploaded with.',
  default: 'No recipe was known, so a default was used.',
  given: 'Their outputs were part of the data.',
} as const;

function bankWords({ bank, measure, standardError }: MemorizationReport): Content {
  const { models, trainingSize, subsetFraction, recipe, recipeFrom, accuracyIn, accuracyOut } = bank;
  const list = settingsList(recipe);
  const accuracies =
    accuracyIn === null || accuracyOut === null
      ? ''
      : ` They get ${formatPercent(accuracyIn)} right of what they were trained on and ${formatPercent(accuracyOut)} of the rest.`;
  return html`<p class="aside">Estimated from ${formatCount(models)} models, each trained on ${formatCount(trainingSize)} records (${formatPercent(subsetFraction)} of all) chosen at random; none of them is the audited one. ${recipeOrigins[recipeFrom]}${accuracies} Compared is ${
    measure === 'soft' ? 'the probability given to the true answer' : 'whether the answer is right'
  }. Standard error of one estimate: ${formatSignificant(standardError.median, 2)} in the middle, ${formatSignificant(standardError.largest, 2)} at most; ${formatSignificant(standardError.worstCase, 2)} for a record answered right half of the time.</p>${
    list === null ? null : html`<details><summary>The recipe they were trained by</summary>${list}</details>`
  }`;
}

function overview({
  members,
  nonMembers,
  threshold,
  falseDiscoveryRate,
  distribution,
  typicality,
  bank,
}: MemorizationReport): Content {
  const from = formatSignificant(threshold);
  return html`<div class="figures"><div><p>A record counts as memorised when training on it raises how surely it is answered right by ${from} or more.</p><ul class="in-words"><li><b>${measuredPhrase(members.certified, 'rate')}</b> of the ${formatCount(members.samples)} members are memorised, at a false discovery rate of ${formatPercent(falseDiscoveryRate)}. Turned round, where nothing can be found, it is ${measuredPhrase(members.certifiedMirrored, 'rate')}.</li><li>${measuredPhrase(members.above, 'rate')} of the estimates reach ${from}; estimates scatter, and ${measuredPhrase(members.mirrored, 'rate')} lie as far below zero by chance alone.</li><li>Models trained on ${formatCount(bank.trainingSize)} records without a certain one get it right ${measuredPhrase(typicality.consistency, 'rate')} of the time (consistency, at this one size), and ${measuredPhrase(typicality.agreement, 'rate')} of models agree on one answer (agreement): the lower, the less typical the records.</li></ul></div>${figure(
    {
      legend: histogramLegend(),
      picture: memorizationHistogram(
        'memorization-distribution',
        distribution,
        threshold,
        Math.max(members.samples, nonMembers.samples),
      ),
      caption:
        'Members of the audited model and non-members were trained on by as many models of the bank, so both show the same: memorization belongs to record and recipe. The vertical axis is logarithmic, or the few on the right could not be seen.',
    },
  )}</div>`;
}

function summaryTable({ members, nonMembers }: MemorizationReport): Html | null {
  return dataTable(
    'Members of the audited model and non-members',
    [
      { name: 'Members', of: members },
      { name: 'Non-members', of: nonMembers },
    ],
    [
      {
        header: 'Records',
        rowHeader: true,
        width: 16,
        cell: ({ name, of }) => html`${name} <span class="how">${formatCount(of.samples)} records</span>`,
      },
      { header: 'Mean', cell: ({ of }) => measuredCell(of.mean, 'gap') },
      { header: 'At the threshold or above', cell: ({ of }) => measuredCell(of.above, 'rate') },
      { header: 'As far below zero', cell: ({ of }) => measuredCell(of.mirrored, 'rate') },
      { header: 'Certified', cell: ({ of }) => measuredCell(of.certified, 'rate') },
      { header: 'Certified, turned round', cell: ({ of }) => measuredCell(of.certifiedMirrored, 'rate') },
    ],
  );
}

function targetTable({ target }: MemorizationReport): Html | null {
  return dataTable(
    'Does the audited model itself know the certified records? Its answer less that of models never trained on them. Non-members were never seen by it: what they show comes from having been chosen',
    [target],
    [
      { header: 'Certified members', cell: ({ members }) => measuredCell(members, 'gap') },
      { header: 'Certified non-members', cell: ({ nonMembers }) => measuredCell(nonMembers, 'gap') },
      { header: 'Difference: what counts', cell: ({ difference }) => measuredCell(difference, 'gap') },
    ],
  );
}
