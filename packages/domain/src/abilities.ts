/** What a model can give. Attacks declare what they require; preflight matches the two. */
export const abilities = [
  'labels',
  'probabilities',
  'logits',
  'predictions',
  'perTokenLogProbs',
  'fullVocabulary',
  'generate',
  'features',
  'gradients',
  'weights',
  'train',
] as const;

export type Ability = (typeof abilities)[number];
