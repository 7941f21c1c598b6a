/**
 * Finds (path, method) in a tree of segments: an exact segment before `{name}` before `{name+}`, for the pair of path
 * and method as a whole, so that a path without the method falls back to a variable or greedy one that has it.
 * Cost depends on the path's depth, not on the number of routes. Segments are compared as they arrived, undecoded.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-routes.html
 */

export interface Match<Target> {
  readonly target: Target;
  readonly parameters: Readonly<Record<string, string>> | null;
}

interface Node<Target> {
  readonly statics: Map<string, Node<Target>>;
  variable: Node<Target> | null;
  greedy: Methods<Target> | null;
  methods: Methods<Target> | null;
}

/** By method; `ANY` where the method itself is absent. Parameter names belong to the route, not to the tree. */
interface Methods<Target> {
  readonly byMethod: Map<string, Leaf<Target>>;
}

interface Leaf<Target> {
  readonly target: Target;
  readonly names: readonly string[];
}

export class Router<Target> {
  readonly #root: Node<Target> = emptyNode();

  /** `path` is `/orders/{id}` or `/files/{proxy+}`; `method` may be `ANY`. */
  add(method: string, path: string, target: Target): void {
    const segments = segmentsOf(path);
    const names = segments.filter(isVariable).map((segment) => segment.slice(1, -1).replace('+', ''));
    let node = this.#root;
    for (const segment of segments) {
      if (isGreedy(segment)) break;
      node = isVariable(segment) ? (node.variable ??= emptyNode()) : childOf(node, segment);
    }
    const greedy = segments.some(isGreedy);
    const methods = greedy
      ? (node.greedy ??= { byMethod: new Map() })
      : (node.methods ??= { byMethod: new Map() });
    methods.byMethod.set(method, { target, names });
  }

  /** `path` begins with `/`. A whole match goes before any greedy one. */
  find(method: string, path: string): Match<Target> | undefined {
    const segments = segmentsOf(path);
    return findWhole(this.#root, segments, 0, method, []) ?? findGreedy(this.#root, segments, 0, method, []);
  }
}

function findWhole<T>(
  node: Node<T>,
  segments: readonly string[],
  at: number,
  method: string,
  values: string[],
): Match<T> | undefined {
  const segment = segments[at];
  if (segment === undefined) return matchOf(node.methods, method, values);
  const child = node.statics.get(segment);
  const exact = child && findWhole(child, segments, at + 1, method, values);
  if (exact !== undefined || node.variable === null || segment === '') return exact;
  values.push(segment);
  const found = findWhole(node.variable, segments, at + 1, method, values);
  if (found === undefined) values.pop();
  return found;
}

function findGreedy<T>(
  node: Node<T>,
  segments: readonly string[],
  at: number,
  method: string,
  values: string[],
): Match<T> | undefined {
  const segment = segments[at];
  if (segment === undefined) return undefined;
  const child = node.statics.get(segment);
  const deeper = child && findGreedy(child, segments, at + 1, method, values);
  if (deeper !== undefined) return deeper;
  if (node.variable !== null && segment !== '') {
    const found = findGreedy(node.variable, segments, at + 1, method, [...values, segment]);
    if (found !== undefined) return found;
  }
  const rest = node.greedy === null ? '' : segments.slice(at).join('/');
  return rest === '' ? undefined : matchOf(node.greedy, method, [...values, rest]);
}

function matchOf<T>(
  methods: Methods<T> | null,
  method: string,
  values: readonly string[],
): Match<T> | undefined {
  const leaf = methods?.byMethod.get(method) ?? methods?.byMethod.get('ANY');
  if (leaf === undefined) return undefined;
  if (leaf.names.length === 0) return { target: leaf.target, parameters: null };
  const parameters: Record<string, string> = {};
  for (let i = 0; i < leaf.names.length; i++) parameters[leaf.names[i] ?? ''] = values[i] ?? '';
  return { target: leaf.target, parameters };
}

const emptyNode = <T>(): Node<T> => ({ statics: new Map(), variable: null, greedy: null, methods: null });

function childOf<T>(node: Node<T>, segment: string): Node<T> {
  const known = node.statics.get(segment);
  if (known !== undefined) return known;
  const made = emptyNode<T>();
  node.statics.set(segment, made);
  return made;
}

/** `/` has none; `/a/` has a last one that is empty. */
const segmentsOf = (path: string): string[] => (path === '/' || path === '' ? [] : path.slice(1).split('/'));
const isVariable = (segment: string): boolean => segment.startsWith('{') && segment.endsWith('}');
const isGreedy = (segment: string): boolean => segment.endsWith('+}');
