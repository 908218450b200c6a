export const auditStatuses = ['queued', 'running', 'succeeded', 'failed', 'cancelled'] as const;
export type AuditStatus = (typeof auditStatuses)[number];

export function isTerminal(status: AuditStatus): boolean {
  return status === 'succeeded' || status === 'failed' || status === 'cancelled';
}

/** What an audit, or one test of it, concludes. `invalid`: a gate failed, so the numbers do not mean what they seem to. */
export const verdicts = ['leak', 'noLeakFound', 'inconclusive', 'invalid'] as const;
export type Verdict = (typeof verdicts)[number];
