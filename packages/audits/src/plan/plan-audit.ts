import type { Json, Plan, TaskInput } from '@engram/domain';
import type { Decisions } from '../decisions.js';
import { describeDataset, type ResolvedAudit } from '../resources.js';
import { Layout, type TaskInputs } from './layout.js';
import { planDifficulty } from './plan-difficulty.js';
import { planExtraction } from './plan-extraction.js';
import { planLabelMemorization } from './plan-label-memorization.js';
import { planMembership } from './plan-membership.js';
import { planMemorization } from './plan-memorization.js';
import { planPrivacyBounds } from './plan-privacy-bounds.js';
import { planSignals } from './plan-signals.js';

export interface LaidOutPlan {
  readonly plan: Plan;
  /** Documents the tasks refer to by digest: to be stored before anything is queued. */
  readonly artifacts: readonly Uint8Array[];
}

type PlannedTest = Exclude<keyof Decisions, 'recipe' | 'notices'>;

/** Lays out what one test does; gives the tasks the report reads, by the names it reads them under. */
type TestPlanner<Test extends PlannedTest> = (
  layout: Layout,
  decisions: NonNullable<Decisions[Test]>,
  signals: TaskInput,
) => TaskInputs;

const testPlanners: { readonly [Test in PlannedTest]: TestPlanner<Test> } = {
  membership: planMembership,
  extraction: planExtraction,
  difficulty: planDifficulty,
  labelMemorization: planLabelMemorization,
  memorization: planMemorization,
  privacyBounds: planPrivacyBounds,
};

/** Lays out the tasks of a checked audit. Pure: the same audit and decisions give the same keys. */
export function planAudit(audit: ResolvedAudit, decisions: Decisions): LaidOutPlan {
  const layout = new Layout(audit, decisions);
  const signals = planSignals(layout);
  const tests = (Object.keys(testPlanners) as PlannedTest[]).map((test) => planTest(test, layout, signals));
  const { canaries } = audit.datasets;
  const report = layout.add({
    kind: 'write-report',
    inputs: {
      ...layout.targetInputs,
      ...layout.datasetInputs,
      ...Object.assign({}, ...tests),
      signals,
      ...(canaries === undefined ? {} : { canaries: layout.document(describeDataset(canaries)) }),
    },
    params: {
      auditId: audit.auditId,
      name: audit.request.name,
      request: audit.request as unknown as Json,
      decisions: decisions as unknown as Json,
      target: audit.target,
    },
    seed: audit.request.seed,
    units: layout.samples / 1000,
  });
  return { plan: { tasks: layout.tasks, root: report.task }, artifacts: layout.artifacts };
}

function planTest<Test extends PlannedTest>(test: Test, layout: Layout, signals: TaskInput): TaskInputs {
  const decisions = layout.decisions[test];
  return decisions === null ? {} : testPlanners[test](layout, decisions, signals);
}
