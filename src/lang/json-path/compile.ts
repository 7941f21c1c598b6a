import { isList, isMap, mapEntries, mapGet, mapHas, mapPut, mapValues, type JavaMap } from '../java/value.ts';
import { compileFilter } from './filter.ts';
import { callFunction, NoResult } from './functions.ts';
import { parsePath } from './parse.ts';
import type { Parameter, Path, Token } from './syntax.ts';

/** Reads a document: the value of a definite path, a list for any other; undefined where there is no result. */
export type ReadPath = (document: unknown) => unknown;

/** Compiles a path by Jayway's rules, once. Throws JsonPathError. */
export function compilePath(text: string): ReadPath {
  const path = parsePath(text);
  const plain = plainSteps(path);
  if (plain !== undefined) return (document) => follow(document, plain);
  const read = compile(path, false);
  return (document) => read(document, document);
}

type Inner = (item: unknown, root: unknown) => unknown;

/** Puts results into `results`; throws NOT_FOUND where Jayway throws PathNotFoundException. */
type Step = (value: unknown, root: unknown, results: unknown[]) => void;

const NOT_FOUND = Symbol('no such path');

/** Names and single indexes only: nothing but a walk down. */
function plainSteps(path: Path): readonly (string | number)[] | undefined {
  const steps: (string | number)[] = [];
  for (const token of path.tokens) {
    const [only, ...more] =
      token.kind === 'property' ? token.names : token.kind === 'index' ? token.indexes : [];
    if (only === undefined || more.length > 0) return undefined;
    steps.push(only);
  }
  return steps;
}

function follow(document: unknown, steps: readonly (string | number)[]): unknown {
  let value = document;
  for (const step of steps) {
    if (typeof step === 'string') {
      if (!isMap(value)) return undefined;
      value = mapGet(value, step);
    } else {
      if (!isList(value)) return undefined;
      value = value[step < 0 ? value.length + step : step];
    }
    if (value === undefined) return undefined;
  }
  return value;
}

/** `requireProperties`: a missing name anywhere is no result, as where a filter asks whether a path exists. */
function compile(path: Path, requireProperties: boolean): Inner {
  const rooted = path.root === '$';
  const tokens = aggregateScan(path.tokens);
  const definite = tokens.every((token, i) => isDefinite(token, i === tokens.length - 1));
  const step = compileTokens(tokens, requireProperties);
  return (item, root) => {
    const results: unknown[] = [];
    try {
      step(rooted ? root : item, root, results);
    } catch (thrown) {
      if (thrown === NOT_FOUND || thrown instanceof NoResult) return undefined;
      throw thrown;
    }
    return definite ? results.at(-1) : results;
  };
}

/** `$..price.sum()` is one sum over all prices, not one for each. */
function aggregateScan(tokens: readonly Token[]): readonly Token[] {
  const last = tokens.at(-1);
  if (tokens[0]?.kind !== 'scan' || last?.kind !== 'function') return tokens;
  const scanned: Path = { root: '$', tokens: tokens.slice(0, -1) };
  return [{ ...last, parameters: [...last.parameters, { kind: 'path', path: scanned }] }];
}

const isDefinite = (token: Token, isLeaf: boolean): boolean => {
  if (token.kind === 'property') return token.names.length === 1 || isLeaf;
  if (token.kind === 'index') return token.indexes.length === 1;
  return token.kind === 'function';
};

/** From the last token to the first, as each goes on to the next. */
function compileTokens(tokens: readonly Token[], require: boolean): Step {
  const steps: Step[] = [(value, _root, results) => void results.push(value)];
  for (let at = tokens.length - 1; at >= 0; at--) {
    const [next = nothing, beyond = nothing] = steps;
    steps.unshift(compileToken(tokens, at, require, next, beyond));
  }
  return steps[0] ?? nothing;
}

function compileToken(
  tokens: readonly Token[],
  at: number,
  require: boolean,
  next: Step,
  beyond: Step,
): Step {
  const token = tokens[at];
  const isLeaf = at === tokens.length - 1;
  const upstreamDefinite = tokens.slice(0, at).every((before) => isDefinite(before, false));
  // Past an indefinite token a branch that does not fit is left out; before any, there is no result at all.
  const give = upstreamDefinite ? notFound : nothing;
  switch (token?.kind) {
    case 'property': {
      const missing =
        require || (!isLeaf && upstreamDefinite && isDefinite(token, isLeaf)) ? notFound : nothing;
      return compileProperty(token.names, isLeaf, next, give, missing);
    }
    case 'index':
      return compileIndexes(token.indexes, next, give);
    case 'slice':
      return compileSlice(token, next, give);
    case 'wildcard':
      return (value, root, results) => {
        if (isMap(value)) for (const item of mapValues(value)) next(item, root, results);
        else if (isList(value)) for (const item of value) next(item, root, results);
      };
    case 'filter':
      return compileFilterStep(token, next, give);
    case 'function':
      return compileFunction(token, next);
    case 'scan':
      return compileScan(tokens[at + 1], at + 1 === tokens.length - 1, require, next, beyond);
    default:
      return nothing;
  }
}

const nothing = (): void => {};
const notFound = (): void => {
  throw NOT_FOUND;
};

function compileProperty(
  names: readonly string[],
  isLeaf: boolean,
  next: Step,
  give: () => void,
  missing: () => void,
): Step {
  const merges = isLeaf && names.length > 1;
  return (value, root, results) => {
    if (!isMap(value)) return give();
    if (merges) return void results.push(pick(value, names, missing));
    for (const name of names) {
      const item = mapGet(value, name);
      if (item === undefined) missing();
      else next(item, root, results);
    }
  };
}

/** `['a','b']` at the end of a path: one map of those that are there. */
function pick(map: JavaMap, names: readonly string[], missing: () => void): JavaMap {
  const picked: JavaMap = names.some((name) => /^\d/.test(name)) ? new Map() : {};
  for (const name of names) {
    if (mapHas(map, name)) mapPut(picked, name, mapGet(map, name));
    else if (missing !== nothing) missing();
  }
  return picked;
}

function compileIndexes(indexes: readonly number[], next: Step, give: () => void): Step {
  return (value, root, results) => {
    if (!isList(value)) return give();
    for (const index of indexes) {
      const item = value[index < 0 ? value.length + index : index];
      if (item !== undefined) next(item, root, results);
    }
  };
}

/** With both ends given, negative ones are not counted from the end unless both are: `[1:-1]` is empty. */
function compileSlice({ from, to }: Extract<Token, { kind: 'slice' }>, next: Step, give: () => void): Step {
  return (value, root, results) => {
    if (!isList(value)) return give();
    const { length } = value;
    let first = from ?? 0;
    let last = to ?? length;
    if (to === null && first < 0) first = Math.max(0, length + first);
    if (from === null && last < 0) last = length + last;
    last = Math.min(length, last);
    for (let i = first; i < last; i++) {
      const item = value[i < 0 ? length + i : i];
      if (item !== undefined) next(item, root, results);
    }
  };
}

function compileFilterStep(token: Extract<Token, { kind: 'filter' }>, next: Step, give: () => void): Step {
  const accepts = compileFilter(token.filter, compile);
  return (value, root, results) => {
    if (isMap(value)) {
      if (accepts(value, root)) next(value, root, results);
    } else if (isList(value)) {
      for (const item of value) if (accepts(item, root)) next(item, root, results);
    } else give();
  };
}

function compileFunction(token: Extract<Token, { kind: 'function' }>, next: Step): Step {
  const counts = token.name === 'length' || token.name === 'size';
  const parameters = token.parameters.map((parameter) => compileParameter(parameter, counts));
  return (value, root, results) => {
    const given = parameters.map((read) => read(value, root)).filter((each) => each !== undefined);
    next(callFunction(token.name, value, given), root, results);
  };
}

/** What is counted are the things inside: `$..book.length()` is the number of books. */
function compileParameter(parameter: Parameter, counts: boolean): Inner {
  if (parameter.kind === 'value') return () => parameter.value;
  const { root, tokens } = parameter.path;
  const inside = counts && tokens.at(-1)?.kind !== 'function';
  return compile(inside ? { root, tokens: [...tokens, { kind: 'wildcard' }] } : parameter.path, false);
}

/**
 * `..`: the token behind it is tried on the value itself, then on everything inside, depth first. On a list with more
 * tokens to follow Jayway goes on with every item, whatever the index says.
 */
function compileScan(
  target: Token | undefined,
  isLeaf: boolean,
  require: boolean,
  evaluate: Step,
  beyond: Step,
): Step {
  if (target === undefined) return nothing;
  const fits = compileFit(target, isLeaf, require);
  const walk: Step = (value, root, results) => {
    if (isMap(value)) {
      if (fits(value, root)) evaluate(value, root, results);
      for (const [, item] of mapEntries(value)) walk(item, root, results);
    } else if (isList(value)) {
      if (fits(value, root)) {
        if (isLeaf) evaluate(value, root, results);
        else for (const item of value) beyond(item, root, results);
      }
      for (const item of value) walk(item, root, results);
    }
  };
  return walk;
}

/** Which values a scan tries its token on. */
function compileFit(
  target: Token,
  isLeaf: boolean,
  require: boolean,
): (value: unknown, root: unknown) => boolean {
  switch (target.kind) {
    case 'property':
      return (value) =>
        isMap(value) &&
        (require ||
          (target.names.length > 1 && !isLeaf) ||
          target.names.every((name) => mapHas(value, name)));
    case 'index':
    case 'slice':
      return isList;
    case 'wildcard':
      return () => true;
    case 'filter':
      return compileFilter(target.filter, compile);
    default:
      return () => false;
  }
}
