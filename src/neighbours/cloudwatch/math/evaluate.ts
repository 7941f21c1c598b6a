/** Metric math, carried out: operators here, functions in `functions.ts`. */
import { validation } from '../faults.ts';
import { functions } from './functions.ts';
import { type Node, parseExpression } from './parse.ts';
import { mapPoints, numberValue, type Series, seriesValue, type Surroundings, type Value } from './value.ts';

/** Throws ValidationError. */
export const evaluate = (expression: string, around: Surroundings): Promise<Value> =>
  valueOf(parseExpression(expression), around);

async function valueOf(node: Node, around: Surroundings): Promise<Value> {
  switch (node.kind) {
    case 'number':
      return numberValue(node.value);
    case 'text':
      return { kind: 'text', value: node.value };
    case 'id':
      return around.valueOf(node.name);
    case 'list':
      return { kind: 'list', items: await Promise.all(node.items.map((item) => valueOf(item, around))) };
    case 'minus':
      return operate('-', numberValue(0), await valueOf(node.of, around));
    case 'operation':
      return operate(node.operator, await valueOf(node.left, around), await valueOf(node.right, around));
    case 'call': {
      const known = Object.hasOwn(functions, node.name) ? functions[node.name] : undefined;
      if (known === undefined)
        throw validation(`${node.name}() in a metrics expression: not supported by gatehouse`);
      return known(await Promise.all(node.given.map((given) => valueOf(given, around))), around);
    }
    default:
      return node satisfies never;
  }
}

type Operator = (left: number, right: number) => number;

const truth = (holds: boolean): number => (holds ? 1 : 0);

const OPERATORS: Readonly<Record<string, Operator>> = {
  '+': (left, right) => left + right,
  '-': (left, right) => left - right,
  '*': (left, right) => left * right,
  '/': (left, right) => left / right,
  '^': (left, right) => left ** right,
  '==': (left, right) => truth(left === right),
  '!=': (left, right) => truth(left !== right),
  '<': (left, right) => truth(left < right),
  '<=': (left, right) => truth(left <= right),
  '>': (left, right) => truth(left > right),
  '>=': (left, right) => truth(left >= right),
  AND: (left, right) => truth(left !== 0 && right !== 0),
  OR: (left, right) => truth(left !== 0 || right !== 0),
};

/** A list goes item by item; two lists need as many. */
function operate(operator: string, left: Value, right: Value): Value {
  const apply = OPERATORS[operator];
  if (apply === undefined || left.kind === 'text' || right.kind === 'text')
    throw validation(`Operator ${operator} cannot be applied to text in a metrics expression`);
  if (left.kind === 'list' && right.kind === 'list') {
    if (left.items.length !== right.items.length)
      throw validation(`Operator ${operator} needs lists of the same size`);
    return {
      kind: 'list',
      items: left.items.map((item, at) => operate(operator, item, right.items[at] ?? item)),
    };
  }
  if (left.kind === 'list')
    return { kind: 'list', items: left.items.map((item) => operate(operator, item, right)) };
  if (right.kind === 'list')
    return { kind: 'list', items: right.items.map((item) => operate(operator, left, item)) };
  if (left.kind === 'number' && right.kind === 'number') return numberValue(apply(left.value, right.value));
  if (left.kind === 'number' && right.kind === 'series')
    return finite(mapPoints(right.series, (value) => apply(left.value, value)));
  if (left.kind === 'series' && right.kind === 'number')
    return finite(mapPoints(left.series, (value) => apply(value, right.value)));
  if (left.kind === 'series' && right.kind === 'series')
    return finite(joined(left.series, right.series, apply));
  throw validation(`Operator ${operator} cannot be applied here`);
}

/** Where both have a point. */
function joined(left: Series, right: Series, apply: Operator): Series {
  const points = new Map<number, number>();
  for (const [at, value] of left.points) {
    const other = right.points.get(at);
    if (other !== undefined) points.set(at, apply(value, other));
  }
  return { ...left, periodSeconds: Math.max(left.periodSeconds, right.periodSeconds), points };
}

/** A division by zero leaves no point. */
const finite = (series: Series): Value =>
  seriesValue({
    ...series,
    points: new Map([...series.points].filter(([, value]) => Number.isFinite(value))),
  });
