import type { AttackResult } from '@engram/contract';

interface AttackWords {
  readonly name: string;
  /** What the attacker does, in one plain clause. */
  readonly idea: string;
}

const attackWords: Readonly<Record<string, AttackWords>> = {
  loss: { name: 'Loss threshold', idea: 'suspects the records the model fits best' },
  entropy: { name: 'Entropy', idea: 'suspects the records the model is surest about' },
  modifiedEntropy: { name: 'Modified entropy', idea: 'suspects the records the model is surest and right about' },
  gap: { name: 'Right or wrong', idea: 'suspects the records the model labels correctly' },
  augmentationVotes: {
    name: 'Augmentation votes',
    idea: 'counts how often the label stays right when the record is rotated or shifted',
  },
  noiseRobustness: {
    name: 'Noise robustness',
    idea: 'looks how much noise the record bears before its label changes',
  },
  boundaryDistance: {
    name: 'Boundary distance',
    idea: 'measures how far the record is from the nearest change of label',
  },
  transferAttack: {
    name: 'Transfer attack',
    idea: 'changes the record until models that never saw it give up its label, and asks whether this one does',
  },
  calibratedLoss: {
    name: 'Calibrated loss',
    idea: 'compares the fit with that of models that never saw the record',
  },
  shadowClassifier: {
    name: 'Shadow classifier',
    idea: 'learns the look of a training record from models it trained itself',
  },
  lira: {
    name: 'LiRA',
    idea: 'asks, record by record, whether the fit looks more like models trained with it or without it',
  },
  rmia: { name: 'RMIA', idea: 'compares the record with many others under the model and under reference models' },
  base: { name: 'BASE', idea: 'compares the fit with its average over reference models' },
  quantile: { name: 'Quantile regression', idea: 'predicts how well a record would fit had it never been seen' },
  fusion: { name: 'Fusion', idea: 'weighs several attacks together, as reference models teach it to' },
  gradientNorm: { name: 'Gradient norm', idea: 'suspects the records that would still move the weights least' },
  leverage: {
    name: 'Leverage',
    idea: 'reckons how far leaving the record out would lower the confidence in its label, or move the prediction of a regression from its target',
  },
  lossTraceIqr: { name: 'Loss trace spread', idea: 'looks how far the fit of the record moved along training' },
  linearRegression: {
    name: 'Linear regression',
    idea: 'looks whether training moved the line towards the record',
  },
  cumulativeLoss: { name: 'Cumulative loss', idea: 'looks how late the record was learned' },
  prefixSuffix: { name: 'Prefix and suffix', idea: 'gives the beginning of a record and asks for the rest' },
  exposure: { name: 'Exposure', idea: 'ranks a planted secret among all it could have been' },
};

const estimatorNames: Readonly<Record<string, string>> = {
  privacyLoss: 'Per-instance privacy loss',
  el2n: 'EL2N',
  forgetting: 'Forgetting events',
  loss: 'Loss',
};

function lookUp<Value>(table: Readonly<Record<string, Value>>, id: string): Value | undefined {
  return Object.hasOwn(table, id) ? table[id] : undefined;
}

/** An attack without its settings: the id itself when the catalog has grown past these words. */
export function attackName(id: string): string {
  return lookUp(attackWords, id)?.name ?? id;
}

export function attackIdea(id: string): string | null {
  return lookUp(attackWords, id)?.idea ?? null;
}

export function estimatorName(id: string): string {
  return lookUp(estimatorNames, id) ?? id;
}

/** Settings that go without saying. */
const usual: Readonly<Record<string, string>> = { probability: 'softmax' };

/** An attack with the settings that tell it from others of its kind: `LiRA, offline, moderated variance`. */
export function attackLabel({ attack, params }: Pick<AttackResult, 'attack' | 'params'>): string {
  const settings = Object.entries(params).flatMap(([name, value]) => {
    if (typeof value !== 'string' || lookUp(usual, name) === value) return [];
    return name === 'mode' ? [value] : [`${spaced(value)} ${name}`];
  });
  return [attackName(attack), ...settings].join(', ');
}

/** `perSample` → `per-sample`. */
function spaced(word: string): string {
  return word.replace(/([a-z])([A-Z])/g, (_, end: string, start: string) => `${end}-${start.toLowerCase()}`);
}

/** The names of attacks alone, where no other of the report has the same: for pictures, whose room is small. */
export function briefAttackLabels(attacks: readonly Pick<AttackResult, 'attack' | 'params' | 'scoreId'>[]): string[] {
  const labels = attackLabels(attacks);
  return attacks.map(({ attack }, i) =>
    attacks.some((other, j) => j !== i && other.attack === attack) ? labels[i] : attackName(attack),
  );
}

/** Labels unique within a report: where two attacks would read alike, the score's id is added. */
export function attackLabels(attacks: readonly Pick<AttackResult, 'attack' | 'params' | 'scoreId'>[]): string[] {
  const labels = attacks.map(attackLabel);
  return labels.map((label, i) =>
    labels.some((other, j) => j !== i && other === label) ? `${label} (${attacks[i].scoreId})` : label,
  );
}
