import { describe } from 'node:test';
import { dataset, languageModel, texts } from '../testing/made-resources.js';
import { itRefuses, members, nonMembers } from '../testing/settle.js';

describe('whether data fit the model', () => {
  itRefuses([
    [
      'samples without labels for a classifier',
      { datasets: { members: dataset({ id: 'members', fields: { input: [4] } }), nonMembers } },
      'ENG_DATA_MODEL_MISMATCH',
      ['/data/members'],
    ],
    [
      'a population without labels for a classifier',
      { datasets: { members, nonMembers, population: dataset({ id: 'z', fields: { input: [4] } }) } },
      'ENG_DATA_MODEL_MISMATCH',
      ['/data/population'],
    ],
    [
      'rows of another width than the model takes',
      { datasets: { members, nonMembers: dataset({ id: 'wide', fields: { input: [5], label: [] } }) } },
      'ENG_DATA_MODEL_MISMATCH',
      ['/data/nonMembers'],
    ],
    [
      'labels the model has no class for',
      { datasets: { members: dataset({ id: 'members', rest: { classCount: 4 } }), nonMembers } },
      'ENG_LABEL_OUT_OF_RANGE',
      ['/data/members'],
    ],
    [
      'inputs for a language model',
      { model: languageModel(), datasets: { members, nonMembers: texts('n') } },
      'ENG_DATA_MODEL_MISMATCH',
      ['/data/members'],
    ],
  ]);
});
