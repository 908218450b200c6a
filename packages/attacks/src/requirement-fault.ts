/** What was expected and found, and what to do. */
export interface Fault {
  readonly message: string;
  readonly remedy: string;
}

/** A requirement that is not met, or is met thinly, and what is the matter. */
export interface FaultyRequirement<Requirement> extends Fault {
  readonly requirement: Requirement;
}

/** The requirements something is the matter with, in their order. */
export function faultyRequirements<Requirement>(
  requirements: readonly Requirement[],
  faultOf: (requirement: Requirement) => Fault | null,
): FaultyRequirement<Requirement>[] {
  return requirements.flatMap((requirement) => {
    const fault = faultOf(requirement);
    return fault === null ? [] : [{ requirement, ...fault }];
  });
}
