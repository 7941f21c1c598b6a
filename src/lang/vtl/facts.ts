/** What has to be known of a whole template before its code is written. */
import type { Expression, Node, Reference } from './syntax.ts';

export interface Facts {
  readonly dynamic: boolean;
  /** Names of macro parameters anywhere: these are looked up through the frames. */
  readonly parameters: ReadonlySet<string>;
  /** `$foreach`, `$velocityCount` and `$velocityHasNext` are needed as values. */
  readonly loopVariables: ReadonlySet<string>;
  /** A #break that leaves a loop from within a macro or block. */
  readonly farBreak: boolean;
}

export const LOOP_VARIABLES = ['foreach', 'velocityCount', 'velocityHasNext'];
const LOOP_COUNTERS = new Set(['index', 'count', 'hasNext', 'first', 'last']);

export function factsOf(nodes: readonly Node[], options: { readonly evaluated: boolean }): Facts {
  const parameters = new Set<string>();
  const loopVariables = new Set<string>();
  let dynamic = options.evaluated;
  let farBreak = options.evaluated;
  const reference = (found: Reference, inLoop: boolean): void => {
    if (LOOP_VARIABLES.includes(found.root) && !(inLoop && isCounter(found))) loopVariables.add(found.root);
    for (const step of found.steps) {
      if (step.kind === 'method') for (const arg of step.args) expression(arg, inLoop);
      if (step.kind === 'index') expression(step.key, inLoop);
    }
  };
  const expression = (found: Expression, inLoop: boolean): void => {
    switch (found.kind) {
      case 'reference':
        return reference(found.reference, inLoop);
      case 'interpolation':
        return visit(found.body, inLoop);
      case 'list':
        return found.items.forEach((item) => expression(item, inLoop));
      case 'range':
        expression(found.from, inLoop);
        return expression(found.to, inLoop);
      case 'map':
        return found.entries.forEach((entry) => entry.forEach((item) => expression(item, inLoop)));
      case 'not':
        return expression(found.operand, inLoop);
      case 'binary':
        expression(found.left, inLoop);
        return expression(found.right, inLoop);
      case 'constant':
    }
  };
  const visit = (list: readonly Node[], inLoop: boolean): void => {
    for (const node of list)
      switch (node.kind) {
        case 'reference':
          reference(node.reference, inLoop);
          break;
        case 'set':
          reference(node.target, false);
          expression(node.value, inLoop);
          break;
        case 'if':
          for (const branch of node.branches) {
            expression(branch.test, inLoop);
            visit(branch.body, inLoop);
          }
          visit(node.otherwise ?? [], inLoop);
          break;
        case 'foreach':
          expression(node.list, inLoop);
          visit(node.body, true);
          break;
        case 'macro':
          for (const name of node.parameters) parameters.add(name);
          visit(node.body, false);
          break;
        case 'define':
          visit(node.body, false);
          break;
        case 'call':
          if (node.body !== null) parameters.add('bodyContent');
          for (const arg of node.args) expression(arg, false);
          visit(node.body ?? [], false);
          break;
        case 'evaluate':
          dynamic = true;
          expression(node.source, inLoop);
          break;
        case 'directive':
          for (const arg of node.args) expression(arg, inLoop);
          break;
        case 'break':
          if (!inLoop) farBreak = true;
          break;
        case 'text':
        case 'stop':
      }
  };
  visit(nodes, false);
  if (dynamic) for (const name of LOOP_VARIABLES) loopVariables.add(name);
  return { dynamic, parameters, loopVariables, farBreak };
}

/** `$foreach.index` and the like, which need no object where they stand in the loop itself. */
export const isCounter = (reference: Reference): boolean => {
  const [step, ...more] = reference.steps;
  if (reference.root === 'foreach')
    return more.length === 0 && step?.kind === 'property' && LOOP_COUNTERS.has(step.name);
  return step === undefined;
};

/** Every macro of a template, wherever it stands. */
export function macrosIn(nodes: readonly Node[]): Extract<Node, { kind: 'macro' }>[] {
  return nodes.flatMap((node) => {
    switch (node.kind) {
      case 'macro':
        return [node, ...macrosIn(node.body)];
      case 'if':
        return [
          ...node.branches.flatMap((branch) => macrosIn(branch.body)),
          ...macrosIn(node.otherwise ?? []),
        ];
      case 'foreach':
      case 'define':
        return macrosIn(node.body);
      default:
        return [];
    }
  });
}
