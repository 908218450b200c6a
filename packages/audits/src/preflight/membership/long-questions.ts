import { type PlannedMembershipAttack, passesPerSample } from '@engram/attacks';
import type { ResolvedAudit } from '../../resources.js';

/** Passes of the model over a sample from which on an attack is worth a word before it starts. */
const manyPasses = 1_000_000;

const shown = (count: number) => count.toLocaleString('en');

/** One sentence for every attack that will run the model, or models like it, very often, with what makes it so. */
export function longQuestions(attacks: readonly PlannedMembershipAttack[], audit: ResolvedAudit): string[] {
  const samples = audit.members + audit.nonMembers + (audit.datasets.calibration?.inspected.count ?? 0);
  return attacks.flatMap(({ scoreId, requires }) =>
    requires.flatMap((requirement) => {
      if (requirement.signal !== 'measure') return [];
      const each = passesPerSample(requirement.measure);
      if (each * samples <= manyPasses) return [];
      const models = requirement.measure.kind === 'transferAttack' ? 'reference models' : 'the model';
      return [
        `${scoreId} runs ${models} up to ${shown(each * samples)} times, ${shown(each)} for each of ${shown(samples)} samples: lower its parameters or name fewer samples if that takes too long.`,
      ];
    }),
  );
}
