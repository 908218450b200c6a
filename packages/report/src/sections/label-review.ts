import type { LabelMemorizationReport } from '@engram/contract';
import { type Content, html } from '../markup/html.js';
import { formatCount, formatPercent, formatSignificant } from '../numbers/format-number.js';
import { dataDietNames } from '../words/data-diet-scores.js';
import { foldedTable } from './data-table.js';

type Review = NonNullable<LabelMemorizationReport['review']>;
type Score = Review['listed'][number]['score'];

const inSight = 8;

/** Members whose labels, as they are, deserve a second look, the most suspect first. */
export function labelReviewPart({ score, share, count, listed }: Review): Content {
  const others = Object.keys(dataDietNames).filter((id) => id !== score) as (typeof score)[];
  return [
    html`<h3>Labels to look at again</h3>`,
    html`<p>The ${formatCount(count)} members (${formatPercent(share)}) whose labels, as they are, look most like flipped ones by “${dataDietNames[score]}”${
      listed.length < count ? `; the first ${formatCount(listed.length)} are listed` : null
    }. A record on the list is not a wrong label: rare and ambiguous records are learned late too. A person has to look.</p>`,
    foldedTable(
      'Most suspect first',
      listed,
      [
        {
          header: 'Record',
          rowHeader: true,
          cell: ({ sampleId, dataset }) => html`<code>${sampleId}</code> <span class="how">${dataset}</span>`,
        },
        { header: 'Label', cell: ({ label }) => `class ${label}` },
        {
          header: 'The model first said',
          cell: ({ label, votedLabel, voteShare }) =>
            html`${votedLabel === label ? 'the same' : html`<b>class ${votedLabel}</b>`} <span class="how">${formatPercent(voteShare)} of its early predictions</span>`,
        },
        { header: dataDietNames[score], cell: (row) => scoreText(row.score) },
        {
          header: 'Other scores',
          cell: ({ scores }) =>
            html`<span class="how">${others.map((id) => `${dataDietNames[id]}: ${scoreText(scores[id])}`).join('; ')}</span>`,
        },
      ],
      { inSight, more: (more) => `${formatCount(more)} more ${more === 1 ? 'record' : 'records'}`, kind: 'compact' },
    ),
  ];
}

function scoreText(score: Score): string {
  return score === 'neverLearned' ? 'never learned' : formatSignificant(score);
}
