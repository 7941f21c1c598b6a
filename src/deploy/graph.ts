/** Step 8: what must exist before what. */
import { invalid } from './invalid.ts';

/** Logical id to the logical ids it needs. */
export type Graph = ReadonlyMap<string, readonly string[]>;

/** Throws for circles, naming their members as CloudFormation does, and where the first of them is. */
export function checkCircles(graph: Graph, placeOf: (id: string) => string = () => ''): void {
  const left = new Map(
    [...graph].map(([id, needs]) => [id, new Set(needs.filter((need) => graph.has(need)))]),
  );
  shed(left);
  shedReversed(left);
  const circle = [...left.keys()];
  if (circle.length > 0)
    throw invalid(`Circular dependency between resources: [${circle.join(', ')}]${placeOf(circle[0] ?? '')}`);
}

/** Takes away whatever needs nothing, until only circles and what needs them are left. */
function shed(left: Map<string, Set<string>>): void {
  for (let again = true; again; ) {
    again = false;
    for (const [id, needs] of left) {
      if (needs.size > 0) continue;
      left.delete(id);
      for (const others of left.values()) others.delete(id);
      again = true;
    }
  }
}

/** Takes away whatever nobody left needs: it only hangs on a circle. */
function shedReversed(left: Map<string, Set<string>>): void {
  for (let again = true; again; ) {
    again = false;
    const needed = new Set([...left.values()].flatMap((needs) => [...needs]));
    for (const id of left.keys()) {
      if (needed.has(id)) continue;
      left.delete(id);
      again = true;
    }
  }
}

/** The same arrows, pointing the other way. */
export function reversed(graph: Graph): Graph {
  const turned = new Map<string, string[]>([...graph.keys()].map((id) => [id, []]));
  for (const [id, needs] of graph) for (const need of needs) turned.get(need)?.push(id);
  return turned;
}

export interface WalkRequest {
  readonly graph: Graph;
  /** How many at the same time. */
  readonly atOnce: number;
  /** Resolves with false when nothing that has not begun may begin any more. */
  readonly visit: (id: string) => Promise<boolean>;
}

/** Visits each node after those it needs, side by side. A node whose need failed is not visited. */
export async function walk({ graph, atOnce, visit }: WalkRequest): Promise<void> {
  const waiting = new Map(
    [...graph].map(([id, needs]) => [id, new Set(needs.filter((need) => graph.has(need)))]),
  );
  const running = new Set<Promise<void>>();
  let going = true;
  const begin = (id: string): void => {
    waiting.delete(id);
    const run = visit(id).then((done) => {
      running.delete(run);
      if (!done) going = false;
      else for (const needs of waiting.values()) needs.delete(id);
    });
    running.add(run);
  };
  for (;;) {
    if (going)
      for (const [id, needs] of waiting) {
        if (running.size >= atOnce) break;
        if (needs.size === 0) begin(id);
      }
    if (running.size === 0) return;
    try {
      await Promise.race(running);
    } catch (thrown) {
      // Nobody may go on working behind the back of whoever handles this.
      await Promise.allSettled(running);
      throw thrown;
    }
  }
}
