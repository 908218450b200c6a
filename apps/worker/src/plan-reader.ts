import { type ArtifactStore, EngramError, type Plan, type TaskSpec } from '@engram/domain';
import type { TaskInputs } from './compute/messages.js';

/** Plans read lately stay in memory: the tasks of one audit arrive close together. */
const plansKept = 32;

export interface PlanReader {
  task(project: string, planDigest: string, key: string): Promise<TaskSpec>;
  /** Digests of what the task reads; every task it waits for has left its output. */
  inputs(project: string, task: TaskSpec): Promise<TaskInputs>;
}

export function openPlanReader(store: ArtifactStore): PlanReader {
  const plans = new Map<string, Promise<Plan>>();

  function read(project: string, digest: string): Promise<Plan> {
    const name = `${project}/${digest}`;
    let plan = plans.get(name);
    if (plan === undefined) {
      plan = store.read(project, digest).then((bytes) => JSON.parse(new TextDecoder().decode(bytes)) as Plan);
      plan.catch(() => plans.delete(name));
      plans.set(name, plan);
      if (plans.size > plansKept) plans.delete(plans.keys().next().value!);
    }
    return plan;
  }

  return {
    async task(project, planDigest, key) {
      const plan = await read(project, planDigest);
      const task = plan.tasks.find((candidate) => candidate.key === key);
      if (task === undefined) throw new EngramError('ENG_INTERNAL', 'the plan has no such task', { details: { key } });
      return task;
    },
    async inputs(project, task) {
      const digests: Record<string, string> = {};
      for (const [name, input] of Object.entries(task.inputs)) {
        if ('artifact' in input) {
          digests[name] = input.artifact;
          continue;
        }
        const output = await store.resolve(project, input.task);
        if (output === undefined)
          throw new EngramError('ENG_ARTIFACT_NOT_FOUND', `the input ${name} of a ${task.kind} task is not there yet`);
        digests[name] = output.digest;
      }
      return digests;
    },
  };
}
