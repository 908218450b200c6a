import { type Fault, type FaultyRequirement, faultyRequirements } from '../requirement-fault.js';
import type { AvailableSignals } from './available-signals.js';
import { referenceThinness } from './faults/reference-faults.js';
import { signalFault } from './faults/signal-faults.js';
import { targetFault } from './faults/target-faults.js';
import type { SignalRequirement } from './requirements.js';

export type MissingRequirement = FaultyRequirement<SignalRequirement>;

/** Requirements not met, so that the attack cannot run. Empty: it can. */
export function missingRequirements(
  requirements: readonly SignalRequirement[],
  available: AvailableSignals,
): MissingRequirement[] {
  return faultyRequirements(requirements, (requirement) => faultOf(requirement, available));
}

/** What the target is says more of why something is missing than that it is. */
function faultOf(requirement: SignalRequirement, available: AvailableSignals): Fault | null {
  const fault = signalFault(requirement, available);
  return fault === null ? null : (targetFault(requirement, available) ?? fault);
}

/** Requirements met but thin: the attack can run, and the report should say this beside its numbers. */
export function thinRequirements(
  requirements: readonly SignalRequirement[],
  available: AvailableSignals,
): MissingRequirement[] {
  return faultyRequirements(requirements, (requirement) => referenceThinness(requirement, available));
}
