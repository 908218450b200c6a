import type { LabelMemorizationReport } from '@engram/contract';
import { type Html, html } from '../markup/html.js';
import { formatCount } from '../numbers/format-number.js';
import { limitsList, section, settingsList } from './blocks.js';
import { earlyLearningPart } from './early-learning.js';
import { labelCapacityPart } from './label-capacity.js';
import { labelReviewPart } from './label-review.js';
import { noisyLabelsPart } from './noisy-labels.js';

const recipeOrigins = {
  request: 'The recipe was given in the request.',
  manifest: 'The recipe is the one the model was uploaded with.',
  default: 'No recipe was known, so a default was used; trained otherwise the model may learn more or less by heart.',
} as const;

/** What does a model of this kind learn by heart, and which labels look wrong? About copies trained here, not a leak. */
export function labelMemorizationSection(report: LabelMemorizationReport): Html {
  const { statement, members, nonMembers, classes, recipe, recipeFrom, randomLabels, noisyLabels, review } = report;
  const list = settingsList(recipe);
  return section(
    'label-memorization',
    'Labels: what is learned by heart, and which look wrong?',
    html`<p class="lead">${statement}</p>`,
    html`<p class="aside">Measured on copies of the architecture trained on ${formatCount(members)} members in ${formatCount(classes)} classes, with ${formatCount(nonMembers)} non-members to check on; the audited model itself was not asked. ${recipeOrigins[recipeFrom]}</p>`,
    list === null ? null : html`<details><summary>The recipe of the copies</summary>${list}</details>`,
    randomLabels === null ? null : labelCapacityPart(randomLabels),
    noisyLabels === null ? null : noisyLabelsPart(noisyLabels),
    review === null ? null : labelReviewPart(review),
    report.earlyLearning === null ? null : earlyLearningPart(report.earlyLearning),
    limitsList(report.limits),
  );
}
