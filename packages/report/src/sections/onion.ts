import type { MemorizationReport } from '@engram/contract';
import { intervalChart } from '../charts/interval-chart.js';
import { figure } from '../charts/plot.js';
import { type Content, type Html, html } from '../markup/html.js';
import { formatCount, formatPercent, formatSignificant } from '../numbers/format-number.js';
import { measuredCell, measuredPhrase } from '../numbers/measured-cell.js';
import type { Quantity } from '../numbers/quantity.js';
import { dataTable } from './data-table.js';

type Onion = NonNullable<MemorizationReport['onion']>;

/** Deleting the most exposed records, beside deleting as many at random: are others exposed in their place? */
export function onionPart(onion: Onion): Content {
  const { statement, removed, modelsPerArm, compared, exposure, threshold, utility } = onion;
  const by = exposure === 'vulnerability' ? 'separation, in standard deviations' : 'memorization';
  return [
    html`<h3>Does deleting the exposed make the rest safe?</h3>`,
    html`<div class="figures"><div><p class="lead">${statement}</p><p>The ${formatCount(removed)} most exposed members were taken away, and in a second arm as many at random; ${formatCount(modelsPerArm)} models in each arm were trained anew on subsets of what was left, and the exposure (${by}) of ${formatCount(compared)} members left in both was measured again. From ${formatSignificant(threshold)} on a member counts as exposed.</p></div>${picture(onion)}</div>`,
    comparison(onion),
    utility.necessity === undefined ? cautions(utility.cautions) : necessityPart(utility, utility.necessity),
  ];
}

function cautions(told: readonly string[]): Content {
  return told.length === 0
    ? null
    : html`<ul class="cautions">${told.map((caution) => html`<li><b>⚠</b> ${caution}</li>`)}</ul>`;
}

/** Whether accuracy depends on what was taken away, said only where nothing else would explain it. */
function necessityPart(utility: Onion['utility'], necessity: NonNullable<Onion['utility']['necessity']>): Content {
  const { testAccuracy, testAccuracyOverSamples, retrainSeeds } = utility;
  const { statement, conditions, nearDuplicates } = necessity;
  const met = conditions.filter((condition) => condition.met);
  const overSamples =
    testAccuracyOverSamples === undefined
      ? null
      : html`, ${measuredPhrase(testAccuracyOverSamples, 'points')} with the interval over non-members instead`;
  return [
    html`<h4>Are the records taken away needed for accuracy?</h4>`,
    html`<p>${statement} Accuracy on non-members after taking away the most exposed, less that after as many at random: ${measuredPhrase(testAccuracy.difference, 'points')} over ${formatCount(retrainSeeds)} seeds each${overSamples}. Near-duplicates of members among the non-members: ${measuredPhrase(nearDuplicates, 'rate')}.</p>`,
    met.length === 0
      ? null
      : html`<ul class="in-words">${met.map((condition) => html`<li><b>✓</b> ${condition.statement}</li>`)}</ul>`,
  ];
}

function picture({ newlyExposed, overlap }: Onion): Html | null {
  const lines = [
    { label: 'newly exposed', measured: newlyExposed.exposed, hollow: false },
    { label: 'the same, random arm', measured: newlyExposed.random, hollow: true },
    { label: 'second layer moved up', measured: overlap.exposed, hollow: false },
    { label: 'the same, random arm', measured: overlap.random, hollow: true },
  ];
  const rows = lines.flatMap(({ label, measured, hollow }) =>
    measured.status === 'measured' ? [{ label, ...measured, hollow }] : [],
  );
  if (rows.length === 0) return null;
  return figure({
    picture: intervalChart({
      id: 'onion',
      title: 'After taking away the most exposed, and as many at random',
      yTitle: 'of the members left',
      xTitle: 'share',
      format: formatPercent,
      include: [0],
      rows,
    }),
    caption: `Filled: the most exposed were taken away. Hollow: as many at random. The first pair are members exposed now and not before. The second is how much of the new most exposed layer was the second layer before; by chance it would be ${formatPercent(overlap.chance)}.`,
  });
}

interface Line {
  readonly name: string;
  readonly quantity: Quantity;
  readonly exposed: Onion['change']['exposed'];
  readonly random: Onion['change']['random'];
  readonly difference: Onion['change']['difference'] | null;
}

function comparison({ change, newlyExposed, overlap, utility }: Onion): Html | null {
  const { testAccuracy, trainingAccuracy, retrainSeeds } = utility;
  const lines: Line[] = [
    { name: 'Members newly exposed', quantity: 'rate', ...newlyExposed },
    { name: 'Mean exposure, after less before', quantity: 'gap', ...change },
    { name: 'Second layer among the new first', quantity: 'rate', ...overlap, difference: null },
    { name: 'Accuracy on non-members', quantity: 'rate', ...testAccuracy },
    { name: 'Accuracy in training', quantity: 'rate', ...trainingAccuracy, difference: null },
  ];
  return dataTable(
    `After taking away the most exposed members, and as many at random. Accuracies: ${formatCount(retrainSeeds)} models each, trained on all members left`,
    lines,
    [
      { header: 'What', rowHeader: true, width: 25, cell: ({ name }) => name },
      { header: 'Most exposed removed', cell: ({ exposed, quantity }) => measuredCell(exposed, quantity) },
      { header: 'As many at random', cell: ({ random, quantity }) => measuredCell(random, quantity) },
      {
        header: 'Difference',
        cell: ({ difference, quantity }) =>
          difference === null
            ? html`<span class="how">not compared</span>`
            : measuredCell(difference, quantity === 'rate' ? 'points' : quantity),
      },
    ],
  );
}
