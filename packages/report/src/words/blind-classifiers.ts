const names: Readonly<Record<string, string>> = {
  logistic: 'Logistic regression',
  naiveBayes: 'Naive Bayes',
  randomForest: 'Random forest',
  meanRank: 'The mean of their rankings',
};

/** A classifier of the blind baseline: the id itself when there is one these words do not know. */
export function blindClassifierName(id: string): string {
  return Object.hasOwn(names, id) ? names[id] : id;
}
