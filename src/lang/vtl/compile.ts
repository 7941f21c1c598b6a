import { limits } from '../../base/limits.ts';
import { JavaException, printJava } from '../java/value.ts';
import { VtlError } from './error.ts';
import { generate } from './generate.ts';
import { parseTemplate } from './parse.ts';
import { BREAK, runtime, STOP, type Frame, type Macro, type RenderState, type Runtime } from './runtime.ts';

/** Renders with these variables; those a template sets inside maps of the context stay set. Throws VtlError. */
export type Template = (context: Readonly<Record<string, unknown>>) => string;

export interface CompileOptions {
  /** A rendering that grows longer is stopped. */
  readonly maxOutputBytes?: number;
  /** Loops end after this many rounds, without an error, as Velocity's directive.foreach.maxloops does. */
  readonly maxIterations?: number;
  /** `aws`: null may be #set, and prints nothing where its variable exists; `velocity`: neither, as in plain 1.7. */
  readonly nulls?: 'aws' | 'velocity';
  /**
   * Further directives, `#return($x)`: given the arguments' values, each answers the text to print. What it throws
   * leaves the rendering as it is.
   */
  readonly directives?: Readonly<Record<string, (args: readonly unknown[]) => string>>;
}

type Variables = Record<string, unknown>;
type Macros = Record<string, Macro>;
type Evaluate = (
  source: unknown,
  state: RenderState,
  vars: Variables,
  macros: Macros,
  frame: Frame | null,
) => string;
type Rendering = (
  context: Readonly<Record<string, unknown>>,
  state: RenderState,
  /** Given to evaluated strings; a template makes its own where it needs one. */
  vars: Variables | undefined,
  macros: Macros,
  frame: Frame | null,
) => string;
type Make = (
  rt: Runtime,
  constants: readonly unknown[],
  directives: NonNullable<CompileOptions['directives']>,
  evaluate: Evaluate,
  located: (thrown: unknown, at: number) => unknown,
) => Rendering;

/** Compiles a template once. Throws VtlError where it is not a template. */
export function compileTemplate(source: string, options: CompileOptions = {}): Template {
  const maxOutput = options.maxOutputBytes ?? limits.apiGatewayPayloadBytes;
  const maxIterations = options.maxIterations ?? limits.vtlForeachIterations;
  const render = compile(source, options, false);
  return (context) => {
    const state: RenderState = { maxOutput, maxIterations, depth: 0, iterations: 0 };
    const out = render(context, state, undefined, Object.create(null), null);
    if (out.length * 3 > maxOutput && Buffer.byteLength(out) > maxOutput)
      throw new VtlError(`the output is longer than ${maxOutput} bytes`, source, 0);
    return out;
  };
}

function compile(source: string, options: CompileOptions, evaluated: boolean): Rendering {
  const directives: NonNullable<CompileOptions['directives']> = Object.assign(
    Object.create(null),
    options.directives,
  );
  const nodes = parseTemplate(source, new Set(Object.keys(directives)));
  const nullsPrintNothing = options.nulls !== 'velocity';
  const { code, constants } = generate(nodes, { nullsPrintNothing, evaluated });
  // Generated code sees these parameters only; everything from the template is in it as JSON text.
  const make = new Function('rt', 'constants', 'directives', 'evaluate', 'located', code) as Make; // as `generate` writes it
  const located = (thrown: unknown, at: number): unknown => locate(thrown, source, at);
  return make(runtime, constants, directives, evaluator(options), located);
}

/** Strings given to #evaluate, compiled once each. */
function evaluator(options: CompileOptions): Evaluate {
  const known = new Map<string, Rendering>();
  return (source, state, vars, macros, frame) => {
    if (source === null || source === undefined) return '';
    const text = printJava(source);
    let render = known.get(text);
    if (render === undefined) {
      if (known.size >= EVALUATED_KEPT) known.clear();
      render = compile(text, options, true);
      known.set(text, render);
    }
    runtime.enter(state);
    try {
      return render(vars, state, vars, macros, frame);
    } finally {
      runtime.leave(state);
    }
  };
}

const EVALUATED_KEPT = 64;

/** What our own runtime threw gets a place; anything else is the caller's. */
function locate(thrown: unknown, source: string, at: number): unknown {
  if (thrown === STOP || thrown === BREAK) return thrown;
  if (thrown instanceof JavaException)
    return new VtlError(`${thrown.exception}: ${thrown.message}`, source, at);
  if (thrown instanceof RangeError) return new VtlError('the template nests too deeply', source, at);
  return thrown;
}
