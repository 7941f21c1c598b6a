/** What generated code calls. Nothing else is in its reach. */
import { element, invoke, property, setElement, setProperty } from '../java/invoke.ts';
import { isNumber, isWhole, numberOf } from '../java/number.ts';
import {
  isMap,
  JavaException,
  JavaIterator,
  JavaList,
  JavaObject,
  mapValues,
  printJava,
} from '../java/value.ts';
import { add, compare, divide, equal, modulo, multiply, subtract } from './arithmetic.ts';

/** Limits and counters of one rendering. */
export interface RenderState {
  readonly maxOutput: number;
  readonly maxIterations: number;
  /** Macros, blocks and evaluated strings being rendered within one another. */
  depth: number;
  /** Iterations of all loops together. */
  iterations: number;
}

/** A macro's arguments, by name: each is evaluated where it is used, in the caller's place, as in Velocity 1.7. */
export interface Frame {
  readonly up: Frame | null;
  readonly args: ReadonlyMap<string, Argument>;
  /** Parameters that were #set inside the macro. */
  readonly locals: Map<string, unknown>;
}

export interface Argument {
  value(): unknown;
  /** What prints when it is null. */
  missing(): string;
}

export interface Macro {
  readonly parameters: readonly string[];
  run(frame: Frame): string;
}

/** Thrown by #stop, and by #break outside a loop of its own. */
export const STOP = Symbol('#stop');
export const BREAK = Symbol('#break');

/** velocimacro.max.depth of Velocity 1.7. */
const MAX_DEPTH = 20;
/** Ours: loops within loops end here, as a rendering would otherwise hold the whole server. */
const MAX_TOTAL_ITERATIONS = 1_000_000;

/** A `#define`d block: rendered each time it is printed. */
class Block extends JavaObject {
  private readonly render: () => string;
  constructor(render: () => string) {
    super();
    this.render = render;
  }
  method(name: string): (() => string) | undefined {
    return name === 'toString' ? () => this.render() : undefined;
  }
  toString(): string {
    return this.render();
  }
}

/** `$foreach` where it is more than a counter: https://velocity.apache.org/engine/1.7/user-guide.html#Loops */
class ForeachScope extends JavaObject {
  index = 0;
  private readonly size: number;
  private readonly parent: unknown;
  constructor(size: number, parent: unknown) {
    super();
    this.size = size;
    this.parent = parent;
  }
  override property(name: string): unknown {
    switch (name) {
      case 'index':
        return this.index;
      case 'count':
        return this.index + 1;
      case 'hasNext':
        return this.index + 1 < this.size;
      case 'first':
        return this.index === 0;
      case 'last':
        return this.index + 1 === this.size;
      case 'parent':
        return this.parent instanceof ForeachScope ? this.parent : undefined;
      case 'topmost':
        return this.parent instanceof ForeachScope ? this.parent.property('topmost') : this;
      default:
        return undefined;
    }
  }
  method(name: string): (() => unknown) | undefined {
    const known = /^(?:hasNext|(?:get|is)(Index|Count|HasNext|First|Last|Parent|Topmost))$/.exec(name);
    if (known === null) return undefined;
    const [, upper = 'HasNext'] = known;
    return () => this.property(upper.charAt(0).toLowerCase() + upper.slice(1));
  }
  toString(): string {
    return 'ForeachScope';
  }
}

export const runtime = {
  STOP,
  BREAK,
  JavaList,
  add,
  subtract,
  multiply,
  divide,
  modulo,
  equal,
  compare,
  property,
  element,
  setProperty,
  setElement,

  /** The text of a reference, or what prints when it is null. */
  show: (value: unknown, missing: string): string =>
    value === null || value === undefined ? missing : printJava(value),

  truth: (value: unknown): boolean => value !== false && value !== null && value !== undefined,

  call(state: RenderState, self: unknown, name: string, args: readonly unknown[]): unknown {
    const result = invoke(self, name, args);
    return typeof result === 'string' ? runtime.bounded(state, result) : result;
  },

  bounded(state: RenderState, text: string): string {
    if (text.length > state.maxOutput) throw new JavaException('OutOfMemoryError', tooLong(state));
    return text;
  },

  tooLong(state: RenderState): never {
    throw new JavaException('OutOfMemoryError', tooLong(state));
  },

  own: (context: object, name: string): unknown =>
    Object.hasOwn(context, name) ? Reflect.get(context, name) : undefined,

  variables: (context: object): Record<string, unknown> => Object.assign(Object.create(null), context),

  list(...items: unknown[]): JavaList {
    const list = new JavaList();
    for (const item of items) list.push(item);
    return list;
  },

  /** In the order written: Velocity 1.7 makes a HashMap here, whose order nobody may rely on. */
  map: (entries: [unknown, unknown][]): Map<unknown, unknown> => new Map(entries),

  range(from: unknown, to: unknown): JavaList | undefined {
    if (!isNumber(from) || !isNumber(to) || !isWhole(from) || !isWhole(to)) return undefined;
    const first = numberOf(from);
    const last = numberOf(to);
    if (Math.abs(last - first) > MAX_TOTAL_ITERATIONS)
      throw new JavaException('OutOfMemoryError', 'the range is too long');
    const list = new JavaList();
    const step = last < first ? -1 : 1;
    for (let i = first; i !== last + step; i += step) list.push(i);
    return list;
  },

  /** What #foreach goes over, or null when that is nothing of the kind. */
  iterate(state: RenderState, value: unknown): readonly unknown[] | null {
    const items = itemsOf(value);
    if (items === null) return null;
    state.iterations += Math.min(items.length, state.maxIterations);
    if (state.iterations > MAX_TOTAL_ITERATIONS)
      throw new JavaException('OutOfMemoryError', `more than ${MAX_TOTAL_ITERATIONS} iterations`);
    return items;
  },

  scope: (size: number, parent: unknown): ForeachScope => new ForeachScope(size, parent),
  block: (render: () => string): Block => new Block(render),

  enter(state: RenderState): void {
    if (++state.depth > MAX_DEPTH)
      throw new JavaException('MacroOverflowException', `Max calling depth of ${MAX_DEPTH} was exceeded`);
  },

  leave(state: RenderState): void {
    state.depth--;
  },

  frame(up: Frame | null, macro: Macro, args: readonly Argument[], body: Argument | null): Frame {
    const named = new Map<string, Argument>();
    for (const [i, name] of macro.parameters.entries()) {
      const argument = args[i];
      if (argument !== undefined) named.set(name, argument);
    }
    if (body !== null) named.set('bodyContent', body);
    return { up, args: named, locals: new Map() };
  },

  /** A variable inside a macro: what it or a macro around it #set or was given, else the template's own. */
  lookup(frame: Frame | null, name: string, global: unknown): unknown {
    for (let at = frame; at !== null; at = at.up) {
      if (at.locals.has(name)) return at.locals.get(name);
      const argument = at.args.get(name);
      if (argument !== undefined) return argument.value();
    }
    return global;
  },

  assign<T>(frame: Frame | null, name: string, value: T): T {
    for (let at = frame; at !== null; at = at.up) if (at.args.has(name)) at.locals.set(name, value);
    return value;
  },

  missing(frame: Frame | null, name: string, otherwise: string): string {
    for (let at = frame; at !== null; at = at.up) {
      const argument = at.args.get(name);
      if (argument !== undefined) return argument.missing();
    }
    return otherwise;
  },
};

export type Runtime = typeof runtime;

const tooLong = (state: RenderState): string => `the output is longer than ${state.maxOutput} bytes`;

function itemsOf(value: unknown): readonly unknown[] | null {
  if (Array.isArray(value)) return value;
  if (value instanceof JavaIterator) return value.rest();
  return isMap(value) ? mapValues(value) : null;
}
