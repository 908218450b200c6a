/** The seeds of a session's runs: the one a run is given, or the session's with the number of the run. */
export interface SeedSequence {
  next(given?: readonly [number, number]): readonly [number, number];
}

export function seedSequence(seed = 0): SeedSequence {
  let runs = 0;
  return {
    next(given) {
      runs += 1;
      return given ?? [seed | 0, runs | 0];
    },
  };
}
