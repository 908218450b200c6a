import type { MembershipReport } from '@engram/contract';
import { intervalChart } from '../charts/interval-chart.js';
import { figure } from '../charts/plot.js';
import { type Content, type Html, html } from '../markup/html.js';
import { formatCount, formatSignificant } from '../numbers/format-number.js';
import { measuredPhrase } from '../numbers/measured-cell.js';
import { dataTable } from './data-table.js';

type Top = NonNullable<MembershipReport['vulnerability']>['top'];

/** From this separation on a sample counts as exposed, in standard deviations. */
const exposedFrom = 2;

/** About 95 % of a normal estimate. */
const standardErrors = 1.96;

/** Records that models trained with and without them treat most differently, whichever model is audited. */
export function exposedSamples({ vulnerability }: MembershipReport): Content {
  if (vulnerability === null) return null;
  const { referenceModels, meanSeparation, reliablyExposed, share, top } = vulnerability;
  return [
    html`<h3>Single records: which are most exposed?</h3>`,
    html`<div class="figures"><div><p>How far apart are models trained with a record from models trained without it, in standard deviations of what they say of it? This is a property of the record and the recipe, read from ${formatCount(referenceModels)} reference models, members and non-members alike. <b>${formatCount(reliablyExposed)} ${reliablyExposed === 1 ? 'record' : 'records'}</b> ${reliablyExposed === 1 ? 'is' : 'are'} reliably exposed, more than two standard deviations apart even at the lower end of the interval: ${measuredPhrase(share, 'rate')}. Mean separation: ${measuredPhrase(meanSeparation, 'number')}.</p></div>${top.length === 0 ? null : picture(top)}</div>`,
  ];
}

function picture(top: Top): Html {
  return figure({
    picture: intervalChart({
      id: 'exposed',
      title: 'The most exposed records',
      yTitle: `the ${formatCount(top.length)} most exposed`,
      xTitle: 'separation (standard deviations)',
      format: formatSignificant,
      include: [0],
      references: [{ at: exposedFrom, label: 'exposed' }],
      rows: top.map(({ sampleId, separation, standardError, member }) => ({
        label: sampleId,
        value: separation,
        low: separation - standardErrors * standardError,
        high: separation + standardErrors * standardError,
        hollow: !member,
      })),
    }),
    caption:
      'Filled: members of the audited model. Hollow: non-members, which a model trained with them would expose as much. Whiskers: two standard errors. The top of a long list is partly luck: expect these to come out lower when measured again.',
    numbers: dataTable(
      'The records furthest apart',
      top,
      [
        { header: 'Record', rowHeader: true, cell: ({ sampleId }) => html`<code>${sampleId}</code>` },
        { header: 'Separation', cell: ({ separation }) => formatSignificant(separation) },
        { header: 'Standard error', cell: ({ standardError }) => formatSignificant(standardError, 2) },
        { header: 'Trained on', cell: ({ member }) => (member ? 'yes' : 'no') },
      ],
      'compact',
    ),
  });
}
