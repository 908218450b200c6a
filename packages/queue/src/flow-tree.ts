import { EngramError, type Plan, type TaskKey, type TaskSpec } from '@engram/domain';

/** A task in the tree that becomes a flow of jobs. */
export interface FlowNode {
  readonly task: TaskSpec;
  /** 0 for the task that can start first: an order in which every task comes after what it reads. */
  readonly rank: number;
  readonly children: readonly FlowNode[];
  /** Inputs that hang elsewhere in the tree: the worker waits for them itself. */
  readonly awaits: readonly TaskKey[];
}

/** Tasks a task reads the outputs of. */
export function inputTasks(task: TaskSpec): TaskKey[] {
  const keys = Object.values(task.inputs).flatMap((input) => ('task' in input ? [input.task] : []));
  return [...new Set(keys)];
}

/**
 * The plan as a tree, for a queue whose flows are trees: by depth-first search from the root, each task hangs under
 * the first task found to read it. What is done already is left out, with everything only it would have needed; the
 * root is always there, because its completion ends the audit.
 *
 * @throws ENG_INTERNAL the plan names a task it does not hold, or a task reads its own output through others.
 */
export function flowTree(plan: Plan, isDone: (task: TaskKey) => boolean): FlowNode {
  const specs = new Map(plan.tasks.map((task) => [task.key, task]));
  const specOf = (key: TaskKey): TaskSpec => {
    const spec = specs.get(key);
    if (spec === undefined) throw new EngramError('ENG_INTERNAL', `the plan reads task ${key} but does not hold it`);
    return spec;
  };

  type Frame = { task: TaskSpec; pending: TaskKey[]; children: FlowNode[]; awaits: TaskKey[] };
  const frameOf = (task: TaskSpec): Frame => ({
    task,
    pending: isDone(task.key) ? [] : inputTasks(task).filter((key) => specOf(key) && !isDone(key)),
    children: [],
    awaits: [],
  });
  const open = new Set<TaskKey>([plan.root]);
  const placed = new Set<TaskKey>();
  const stack: Frame[] = [frameOf(specOf(plan.root))];
  for (;;) {
    const frame = stack.at(-1)!;
    const next = frame.pending.shift();
    if (next === undefined) {
      const node: FlowNode = { task: frame.task, rank: placed.size, children: frame.children, awaits: frame.awaits };
      open.delete(frame.task.key);
      placed.add(frame.task.key);
      stack.pop();
      const parent = stack.at(-1);
      if (parent === undefined) return node;
      parent.children.push(node);
    } else if (open.has(next)) {
      throw new EngramError('ENG_INTERNAL', `the plan is circular: task ${next} reads its own output through others`);
    } else if (placed.has(next)) {
      frame.awaits.push(next);
    } else {
      open.add(next);
      stack.push(frameOf(specOf(next)));
    }
  }
}

/** Every node of a tree, parents before children. */
export function* nodesOf(root: FlowNode): Generator<FlowNode> {
  const stack = [root];
  for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
    yield node;
    stack.push(...node.children);
  }
}
