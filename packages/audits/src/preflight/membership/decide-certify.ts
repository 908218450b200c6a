import type { ResolvedAudit } from '../../resources.js';
import type { Faults } from '../faults.js';

/**
 * The false discovery rate of the list of members asked for; null for none. Refused where no list can be certified: no p-value
 * is below 1 / (calibration samples + 1), so even a list of all the members would be beyond reach.
 */
export function decideCertify(audit: ResolvedAudit, faults: Faults): { readonly fdr: number } | null {
  const certify = audit.request.tests.membership?.certify ?? null;
  if (certify === null) return null;
  const { fdr } = certify;
  const calibration = audit.datasets.calibration?.inspected.count ?? 0;
  const needed = Math.ceil((audit.members + audit.nonMembers) / (fdr * Math.max(1, audit.members)) - 1e-9) - 1;
  if (calibration === 0)
    faults.add(
      'ENG_REQUEST_INVALID',
      '/tests/membership/certify',
      'a list of members is certified against non-members set aside, and the request names no calibration dataset',
      `Name at least ${needed} non-members that are not judged as data.calibration, or leave certify out.`,
    );
  else if (calibration < needed)
    faults.add(
      'ENG_INSUFFICIENT_SAMPLES',
      '/data/calibration',
      `a list of members at a false discovery rate of ${fdr} needs at least ${needed} calibration samples, got ${calibration}`,
      `Give ${needed} calibration samples or more, or allow a larger share of false members.`,
    );
  return { fdr };
}
