/**
 * How a state takes its input and makes its output, in either query language, behind one interface.
 * https://docs.aws.amazon.com/step-functions/latest/dg/concepts-input-output-filtering.html
 */
import type { QueryLanguage } from './definition.ts';
import type { Environment, Read } from './environment.ts';
import { type Bindings, compileJsonata, type Evaluate, isExpression } from './jsonata.ts';
import { compileDynamic, compileTemplate } from './payload-template.ts';
import { isObject, parseReferencePath, writeAt } from './reference-path.ts';
import { StateError } from './state-error.ts';

export interface Finished {
  readonly output: unknown;
  /** Variables set by `Assign`. */
  readonly assigned: Readonly<Record<string, unknown>> | undefined;
}

export interface Io {
  readonly language: QueryLanguage;
  /** The state's input after `InputPath`. */
  input(environment: Environment): Promise<unknown>;
  /** What the state hands to its work: `InputPath` and `Parameters`, or `Arguments`. */
  given(environment: Environment): Promise<unknown>;
  /** From the result of the work to the state's output. Without a result the effective input is passed on. */
  finish(environment: Environment, result: unknown): Promise<Finished>;
  /** From an error that was caught to the next state's input. */
  recover(environment: Environment, error: ErrorOutput): Promise<Finished>;
  /** A field that may be computed: `TimeoutSeconds` (or `TimeoutSecondsPath`), `Seconds`, `Cause`, ... */
  field(name: string, environment: Environment): Promise<unknown>;
  /** A template such as `ItemSelector`; undefined where there is none. */
  template(name: string, environment: Environment): Promise<unknown>;
}

export interface ErrorOutput {
  readonly Error: string;
  readonly Cause: string;
}

type Raw = Readonly<Record<string, unknown>>;

/** A mistake in one field of a state. */
export class FieldError extends SyntaxError {
  readonly field: string;
  constructor(field: string, message: string) {
    super(message);
    this.field = field;
  }
}

/** Throws FieldError. */
export const compileIo = (raw: Raw, language: QueryLanguage): Io =>
  language === 'JSONata' ? compileJsonataIo(raw) : compileJsonPathIo(raw);

function compileJsonPathIo(raw: Raw): Io {
  const input = pathField(raw, 'InputPath');
  const output = pathField(raw, 'OutputPath');
  const parameters = templateField(raw, 'Parameters') ?? templateField(raw, 'Arguments');
  const select = templateField(raw, 'ResultSelector');
  const assign = templateField(raw, 'Assign');
  const place = resultPlace(raw);
  const fields = new Map<string, Read>();
  for (const [name, value] of Object.entries(raw))
    if (name.endsWith('Path') && !WHOLE.has(name) && typeof value === 'string')
      fields.set(
        name.slice(0, -4),
        guarded(name, () => compileDynamic(value)),
      );
  const templates = new Map(
    TEMPLATES.map((name) => [name, templateField(raw, name)] as const).filter(
      ([, read]) => read !== undefined,
    ),
  );
  const effective = (environment: Environment): Environment => ({
    ...environment,
    input: input(environment),
  });

  return {
    language: 'JSONPath',
    input: async (environment) => input(environment),
    async given(environment) {
      const inner = effective(environment);
      return parameters === undefined ? inner.input : parameters(inner);
    },
    async finish(environment, result) {
      const inner = effective(environment);
      const whole =
        result === undefined ? (parameters === undefined ? inner.input : parameters(inner)) : result;
      const assigned = variablesOf(assign?.({ ...environment, input: whole }));
      const selected = select === undefined ? whole : select({ ...environment, input: whole });
      // Where nothing was done there is no result to place.
      const placed =
        place === null
          ? environment.input
          : result === undefined && parameters === undefined
            ? selected
            : writeAt(environment.input, place, selected);
      return { output: output({ ...environment, input: placed }), assigned };
    },
    async recover(environment, error) {
      const assigned = variablesOf(assign?.({ ...environment, input: error }));
      return {
        output: place === null ? environment.input : writeAt(environment.input, place, error),
        assigned,
      };
    },
    async field(name, environment) {
      const read = fields.get(name);
      if (read === undefined) return raw[name];
      const value = read(effective(environment));
      if (value === undefined)
        throw new StateError(
          'States.Runtime',
          `Invalid path '${String(raw[`${name}Path`])}' : No results for path`,
        );
      return value;
    },
    async template(name, environment) {
      return templates.get(name)?.(environment);
    },
  };
}

/** Paths that are no computed fields. */
const WHOLE = new Set(['InputPath', 'OutputPath', 'ResultPath']);
const TEMPLATES = ['ItemSelector', 'Parameters', 'ItemReader', 'ResultWriter', 'ItemBatcher', 'Credentials'];

function pathField(raw: Raw, name: string): Read {
  const text = raw[name];
  if (text === undefined) return ({ input }) => input;
  if (text === null) return () => ({});
  if (typeof text !== 'string') throw new FieldError(name, `The value of ${name} must be a path or null`);
  const read = guarded(name, () => compileDynamic(text));
  return (environment) => {
    const value = read(environment);
    if (value === undefined)
      throw new StateError('States.Runtime', `Invalid path '${text}' : No results for path: ${text}`);
    return value;
  };
}

function templateField(raw: Raw, name: string): Read | undefined {
  if (raw[name] === undefined) return undefined;
  return guarded(name, () => compileTemplate(raw[name]));
}

/** Null: the result is thrown away. */
function resultPlace(raw: Raw) {
  const { ResultPath } = raw;
  if (ResultPath === null) return null;
  if (ResultPath === undefined) return [];
  const steps = typeof ResultPath === 'string' ? parseReferencePath(ResultPath) : undefined;
  if (steps === undefined)
    throw new FieldError('ResultPath', `The value for the field 'ResultPath' must be a valid Reference Path`);
  return steps;
}

function guarded<T>(field: string, compile: () => T): T {
  try {
    return compile();
  } catch (thrown) {
    throw new FieldError(field, thrown instanceof Error ? thrown.message : String(thrown));
  }
}

const variablesOf = (value: unknown): Raw | undefined => (isObject(value) ? value : undefined);

function compileJsonataIo(raw: Raw): Io {
  const evaluators = new Map<string, Evaluate>();
  for (const [name, value] of Object.entries(raw))
    if (!NESTED.has(name))
      evaluators.set(
        name,
        guarded(name, () => compileJsonata(value)),
      );
  const evaluate = async (name: string, bindings: Bindings): Promise<unknown> =>
    evaluators.get(name)?.(bindings, name);
  const has = (name: string): boolean => raw[name] !== undefined;

  async function settle(bindings: Bindings, fallback: unknown): Promise<Finished> {
    return {
      output: has('Output') ? await evaluate('Output', bindings) : fallback,
      assigned: variablesOf(await evaluate('Assign', bindings)),
    };
  }
  return {
    language: 'JSONata',
    input: async (environment) => environment.input,
    async given(environment) {
      return has('Arguments') ? evaluate('Arguments', bindingsOf(environment)) : environment.input;
    },
    finish: (environment, result) =>
      settle(
        bindingsOf(environment, result === undefined ? {} : { result }),
        result === undefined ? environment.input : result,
      ),
    recover: (environment, error) => settle(bindingsOf(environment, { errorOutput: error }), error),
    async field(name, environment) {
      const value = raw[name];
      return isExpression(value) || isObject(value) || Array.isArray(value)
        ? evaluate(name, bindingsOf(environment))
        : value;
    },
    async template(name, environment) {
      return has(name) ? evaluate(name, bindingsOf(environment)) : undefined;
    },
  };
}

/** States of their own, rules and what is read elsewhere. */
const NESTED = new Set([
  'Branches',
  'ItemProcessor',
  'Iterator',
  'Choices',
  'Retry',
  'Catch',
  'Comment',
  'Type',
  'Next',
  'Resource',
]);

function bindingsOf({ input, context, variables }: Environment, more: object = {}): Bindings {
  return { ...variables, states: { input, context, ...more } };
}

/** A condition of a Choice: `Condition` in JSONata. */
export function compileCondition(text: unknown): (environment: Environment) => Promise<boolean> {
  const evaluate = guarded('Condition', () => compileJsonata(text));
  return async (environment) => {
    const value = await evaluate(bindingsOf(environment), 'Condition');
    if (typeof value !== 'boolean')
      throw new StateError(
        'States.QueryEvaluationError',
        `The JSONata expression '${String(text)}' specified for the field 'Condition' returned a value that is no boolean.`,
      );
    return value;
  };
}
