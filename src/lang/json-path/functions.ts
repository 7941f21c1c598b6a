/** https://github.com/json-path/JsonPath#functions */
import { isNumber, numberOf, toDouble } from '../java/number.ts';
import { isList, isMap, mapKeys, mapSize, printJava } from '../java/value.ts';

type PathFunction = (model: unknown, parameters: readonly unknown[]) => unknown;

/** Thrown where Jayway throws JsonPathException: there is no result. */
export class NoResult extends Error {}

const numbersOf = (model: unknown, parameters: readonly unknown[]): number[] => {
  const values = isList(model) ? [...model, ...parameters.flat()] : parameters.flat();
  const numbers = values.filter(isNumber).map(numberOf);
  if (numbers.length === 0)
    throw new NoResult('Aggregation function attempted to calculate value using empty array');
  return numbers;
};

/** Aggregates are always Doubles. */
const aggregate =
  (calculate: (numbers: readonly number[]) => number): PathFunction =>
  (model, parameters) =>
    toDouble(calculate(numbersOf(model, parameters)));

const sum = (numbers: readonly number[]): number => numbers.reduce((total, each) => total + each, 0);

function deviation(numbers: readonly number[]): number {
  const squares = sum(numbers.map((each) => each * each));
  const total = sum(numbers);
  return Math.sqrt(squares / numbers.length - (total * total) / numbers.length / numbers.length);
}

const length: PathFunction = (model, parameters) => {
  const [counted = model] = parameters;
  if (isList(counted)) return counted.length;
  return isMap(counted) ? mapSize(counted) : null;
};

const texts = (model: unknown, parameters: readonly unknown[]): string =>
  [...(isList(model) ? model.filter((item) => typeof item === 'string') : []), ...parameters.flat()]
    .map(printJava)
    .join('');

const at =
  (pick: (parameters: readonly unknown[]) => number): PathFunction =>
  (model, parameters) => {
    const item = isList(model) ? model.at(pick(parameters)) : undefined;
    if (item === undefined)
      throw new NoResult('Aggregation function attempted to calculate value using empty array');
    return item;
  };

const FUNCTIONS: ReadonlyMap<string, PathFunction> = new Map<string, PathFunction>([
  ['min', aggregate((numbers) => Math.min(...numbers))],
  ['max', aggregate((numbers) => Math.max(...numbers))],
  ['avg', aggregate((numbers) => sum(numbers) / numbers.length)],
  ['stddev', aggregate(deviation)],
  ['sum', aggregate(sum)],
  ['length', length],
  ['size', length],
  ['keys', (model: unknown) => (isMap(model) ? mapKeys(model) : null)],
  ['concat', texts],
  ['append', (model, parameters) => (isList(model) ? [...model, ...parameters] : model)],
  ['first', at(() => 0)],
  ['last', at(() => -1)],
  ['index', at(([index]) => (isNumber(index) ? numberOf(index) : 0))],
]);

export const FUNCTION_NAMES: ReadonlySet<string> = new Set(FUNCTIONS.keys());

export function callFunction(name: string, model: unknown, parameters: readonly unknown[]): unknown {
  return FUNCTIONS.get(name)?.(model, parameters);
}
