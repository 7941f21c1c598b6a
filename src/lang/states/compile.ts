/**
 * Reads a definition whole: every mistake it holds, or the compiled flow. The codes and texts are those that
 * CreateStateMachine and ValidateStateMachineDefinition answer.
 * https://docs.aws.amazon.com/step-functions/latest/dg/amazon-states-language-state-machine-structure.html
 */
import { compileRule } from './choice.ts';
import {
  type Catcher,
  type Choice,
  type Diagnostic,
  type Flow,
  type QueryLanguage,
  type Retrier,
  type State,
  STATE_TYPES,
  type StateType,
} from './definition.ts';
import { COMMON_FIELDS, FIELDS, FLOW_FIELDS } from './fields.ts';
import { compileCondition, compileIo, FieldError, type Io } from './io.ts';
import { isObject } from './reference-path.ts';

export interface Compiled {
  /** Undefined when there are diagnostics. */
  readonly flow: Flow | undefined;
  readonly diagnostics: readonly Diagnostic[];
}

/** `text` is the definition as it was sent. */
export const compileDefinition = (text: string): Compiled => compileText(text, (whole) => whole, true);

/** One state by itself: where it leads need not be there. */
export const compileStateAlone = (text: string, name: string): Compiled =>
  compileText(text, (state) => ({ StartAt: name, States: { [name]: state } }), false);

function compileText(text: string, wrap: (parsed: unknown) => unknown, checksTargets: boolean): Compiled {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (thrown) {
    const reason = thrown instanceof Error ? thrown.message : 'no JSON';
    return {
      flow: undefined,
      diagnostics: [{ code: 'INVALID_JSON_DESCRIPTION', message: reason, location: '' }],
    };
  }
  const compiler = new Compiler();
  const flow = compiler.flow(wrap(parsed), '', {
    language: 'JSONPath',
    isWhole: true,
    checksTargets,
    extra: [],
  });
  return compiler.diagnostics.length > 0
    ? { flow: undefined, diagnostics: compiler.diagnostics }
    : { flow, diagnostics: [] };
}

type Raw = Readonly<Record<string, unknown>>;

interface FlowPlace {
  readonly language: QueryLanguage;
  readonly isWhole: boolean;
  readonly checksTargets: boolean;
  /** Fields that stand here beside a flow's own. */
  readonly extra: readonly string[];
}

class Compiler {
  readonly diagnostics: Diagnostic[] = [];
  /** Names are unique in the whole machine, branches included. */
  private readonly names = new Set<string>();

  flow(raw: unknown, at: string, place: FlowPlace): Flow | undefined {
    if (!isObject(raw)) return this.invalid('must be an object', at);
    this.onlyFields(
      raw,
      [...FLOW_FIELDS, ...(place.isWhole ? ['Version', 'TimeoutSeconds'] : []), ...place.extra],
      at,
    );
    const missing = ['States', 'StartAt'].filter((name) => raw[name] === undefined);
    if (missing.length > 0)
      return this.invalid(`These fields are required: [${missing.join(', ')}]`, at || '/');
    const { States, StartAt, QueryLanguage: language = place.language } = raw;
    if (!isLanguage(language))
      return this.invalid('Value is not a valid query language', `${at}/QueryLanguage`);
    if (!isObject(States) || Object.keys(States).length === 0)
      return this.invalid('States must be an object with at least one state', `${at}/States`);
    const states = new Map<string, State>();
    for (const [name, state] of Object.entries(States)) {
      const compiled = this.state(name, state, `${at}/States/${name}`, language);
      if (compiled !== undefined) states.set(name, compiled);
    }
    if (place.checksTargets) this.transitions(States, StartAt, at);
    return {
      startAt: String(StartAt),
      states,
      timeoutSeconds: typeof raw['TimeoutSeconds'] === 'number' ? raw['TimeoutSeconds'] : undefined,
    };
  }

  private state(name: string, raw: unknown, at: string, machineLanguage: QueryLanguage): State | undefined {
    if (!isObject(raw)) return this.invalid('State must be an object', at);
    if (name.length > 80) this.invalid('State name is too long: at most 80 characters', at);
    if (this.names.has(name)) this.problem('DUPLICATE_STATE_NAME', `Duplicate State name: ${name}`, at);
    this.names.add(name);
    const { Type, QueryLanguage: language = machineLanguage } = raw;
    if (!isLanguage(language))
      return this.invalid('Value is not a valid query language', `${at}/QueryLanguage`);
    if (machineLanguage === 'JSONata' && language === 'JSONPath')
      this.invalid(
        "'QueryLanguage' can not be 'JSONPath' if set to 'JSONata' for the state machine",
        `${at}/QueryLanguage`,
      );
    if (Type === undefined) return this.invalid('These fields are required: [Type]', at);
    if (!isType(Type))
      return this.invalid(
        `Value is not one of the allowed values: [${STATE_TYPES.join(', ')}]`,
        `${at}/Type`,
      );
    this.onlyFields(raw, [...COMMON_FIELDS, ...FIELDS[Type].both, ...FIELDS[Type][language]], at);
    const io = this.guard(at, () => compileIo(raw, language));
    if (io === undefined) return undefined;
    const next = typeof raw['Next'] === 'string' ? raw['Next'] : undefined;
    if (!['Choice', 'Succeed', 'Fail'].includes(Type) && (next === undefined) === (raw['End'] !== true))
      this.problem('MISSING_END_STATE', `State "${name}" must have exactly one of 'Next' and 'End'`, at);
    return this.typed(Type, { name, io, next }, raw, at, language);
  }

  private typed(
    type: StateType,
    common: { readonly name: string; readonly io: Io; readonly next: string | undefined },
    raw: Raw,
    at: string,
    language: QueryLanguage,
  ): State | undefined {
    switch (type) {
      case 'Task': {
        const { Resource } = raw;
        if (Resource === undefined) return this.invalid('These fields are required: [Resource]', at);
        if (typeof Resource !== 'string' || !/^arn:[a-z-]+:[a-z0-9-]+:/.test(Resource))
          return this.invalid('Value is not a valid resource ARN', `${at}/Resource`);
        this.exclusive(raw, ['TimeoutSeconds', 'TimeoutSecondsPath'], at);
        this.exclusive(raw, ['HeartbeatSeconds', 'HeartbeatSecondsPath'], at);
        return { ...common, ...this.failing(raw, at, language), type, resource: Resource };
      }
      case 'Pass':
        return { ...common, type, result: raw['Result'] };
      case 'Choice':
        return this.choice(common, raw, at, language);
      case 'Wait':
        return this.wait(common, raw, at);
      case 'Succeed':
        return { ...common, type };
      case 'Fail':
        this.exclusive(raw, ['Error', 'ErrorPath'], at);
        this.exclusive(raw, ['Cause', 'CausePath'], at);
        return { ...common, type };
      case 'Parallel': {
        const { Branches } = raw;
        if (!Array.isArray(Branches) || Branches.length === 0)
          return this.invalid('These fields are required: [Branches]', at);
        const flows = Branches.map((branch, index) =>
          this.flow(branch, `${at}/Branches[${index}]`, {
            language,
            isWhole: false,
            checksTargets: true,
            extra: [],
          }),
        );
        return {
          ...common,
          ...this.failing(raw, at, language),
          type,
          branches: flows.filter((flow) => flow !== undefined),
        };
      }
      case 'Map':
        return this.map(common, raw, at, language);
    }
  }

  private map(
    common: { readonly name: string; readonly io: Io; readonly next: string | undefined },
    raw: Raw,
    at: string,
    language: QueryLanguage,
  ): State | undefined {
    const field = raw['ItemProcessor'] === undefined ? 'Iterator' : 'ItemProcessor';
    const processor = raw[field];
    if (!isObject(processor)) return this.invalid('These fields are required: [ItemProcessor]', at);
    const flow = this.flow(processor, `${at}/${field}`, {
      language,
      isWhole: false,
      checksTargets: true,
      extra: ['ProcessorConfig'],
    });
    const config = isObject(processor['ProcessorConfig']) ? processor['ProcessorConfig'] : {};
    const mode = config['Mode'] === 'DISTRIBUTED' ? 'DISTRIBUTED' : 'INLINE';
    if (mode === 'DISTRIBUTED' && config['ExecutionType'] === undefined)
      this.invalid('These fields are required: [ExecutionType]', `${at}/${field}/ProcessorConfig`);
    if (mode === 'INLINE')
      for (const name of DISTRIBUTED_ONLY)
        if (raw[name] !== undefined)
          this.invalid(`Field is only supported in a distributed Map`, `${at}/${name}`);
    if (flow === undefined) return undefined;
    return {
      ...common,
      ...this.failing(raw, at, language),
      type: 'Map',
      processor: flow,
      mode,
      executionType: config['ExecutionType'] === 'EXPRESS' ? 'EXPRESS' : 'STANDARD',
      label:
        typeof raw['Label'] === 'string'
          ? raw['Label']
          : common.name.replace(/[^A-Za-z0-9_-]/g, '').slice(0, 40),
    };
  }

  private choice(
    common: { readonly name: string; readonly io: Io; readonly next: string | undefined },
    raw: Raw,
    at: string,
    language: QueryLanguage,
  ): State | undefined {
    const { Choices, Default } = raw;
    if (!Array.isArray(Choices) || Choices.length === 0)
      return this.invalid('These fields are required: [Choices]', at);
    const choices = Choices.map((rule: unknown, index): Choice | undefined => {
      const where = `${at}/Choices[${index}]`;
      if (!isObject(rule)) return this.invalid('A rule must be an object', where);
      if (typeof rule['Next'] !== 'string') return this.invalid('These fields are required: [Next]', where);
      const { Next: next, ...condition } = rule;
      return this.guard(where, () => {
        const io = compileIo({ Assign: rule['Assign'], Output: rule['Output'] }, language);
        if (language === 'JSONata') {
          if (rule['Condition'] === undefined)
            throw new FieldError('', 'These fields are required: [Condition]');
          return { next, io, test: compileCondition(rule['Condition']) };
        }
        const test = compileRule(condition);
        return { next, io, test: async (environment) => test(environment) };
      });
    });
    return {
      ...common,
      type: 'Choice',
      choices: choices.filter((choice) => choice !== undefined),
      default: typeof Default === 'string' ? Default : undefined,
    };
  }

  private wait(
    common: { readonly name: string; readonly io: Io; readonly next: string | undefined },
    raw: Raw,
    at: string,
  ): State | undefined {
    const given = ['Seconds', 'Timestamp', 'SecondsPath', 'TimestampPath'].filter(
      (name) => raw[name] !== undefined,
    );
    if (given.length !== 1)
      return this.invalid(
        'A Wait state must have exactly one of [Seconds, Timestamp, SecondsPath, TimestampPath]',
        at,
      );
    return { ...common, type: 'Wait' };
  }

  private failing(raw: Raw, at: string, language: QueryLanguage) {
    const listOf = (name: 'Retry' | 'Catch'): readonly unknown[] => {
      const list = raw[name] ?? [];
      return Array.isArray(list) ? list : (this.invalid(`${name} must be an array`, `${at}/${name}`) ?? []);
    };
    const retry = listOf('Retry').map((each, index) => this.retrier(each, `${at}/Retry[${index}]`));
    const caught = listOf('Catch').map((each, index) =>
      this.catcher(each, `${at}/Catch[${index}]`, language),
    );
    return {
      retry: retry.filter((each) => each !== undefined),
      catch: caught.filter((each) => each !== undefined),
    };
  }

  private retrier(raw: unknown, at: string): Retrier | undefined {
    const errors = this.errorNames(raw, at);
    if (!isObject(raw) || errors === undefined) return undefined;
    this.onlyFields(raw, RETRIER_FIELDS, at);
    const number = (name: string, otherwise: number, least: number): number => {
      const value = raw[name] ?? otherwise;
      if (typeof value === 'number' && value >= least) return value;
      this.invalid(`Value must be a number not below ${least}`, `${at}/${name}`);
      return otherwise;
    };
    return {
      errors,
      intervalSeconds: number('IntervalSeconds', 1, 1),
      maxAttempts: number('MaxAttempts', 3, 0),
      backoffRate: number('BackoffRate', 2, 1),
      maxDelaySeconds: raw['MaxDelaySeconds'] === undefined ? undefined : number('MaxDelaySeconds', 1, 1),
      jitter: raw['JitterStrategy'] === 'FULL',
    };
  }

  private catcher(raw: unknown, at: string, language: QueryLanguage): Catcher | undefined {
    const errors = this.errorNames(raw, at);
    if (!isObject(raw) || errors === undefined) return undefined;
    this.onlyFields(raw, [...CATCHER_FIELDS.both, ...CATCHER_FIELDS[language]], at);
    const { Next } = raw;
    if (typeof Next !== 'string') return this.invalid('These fields are required: [Next]', at);
    const io = this.guard(at, () => compileIo(raw, language));
    return io === undefined ? undefined : { errors, next: Next, io };
  }

  private errorNames(raw: unknown, at: string): readonly string[] | undefined {
    const names = isObject(raw) ? raw['ErrorEquals'] : undefined;
    if (!Array.isArray(names) || names.length === 0 || !names.every((name) => typeof name === 'string'))
      return this.invalid('These fields are required: [ErrorEquals]', at);
    if (names.length > 1 && names.includes('States.ALL'))
      this.invalid('States.ALL must appear alone in ErrorEquals', `${at}/ErrorEquals`);
    return names;
  }

  /** Every target is there, and every state can be reached. */
  private transitions(states: Raw, startAt: unknown, at: string): void {
    const reached = new Set<string>();
    const follow = (target: unknown, from: string, kind: string): void => {
      if (typeof target !== 'string') return;
      if (!Object.hasOwn(states, target))
        return this.problem('MISSING_TRANSITION_TARGET', `Missing '${kind}' target: ${target}`, from);
      if (reached.has(target)) return;
      reached.add(target);
      const state = states[target];
      if (!isObject(state)) return;
      const place = `${at}/States/${target}`;
      follow(state['Next'], `${place}/Next`, 'Next');
      follow(state['Default'], `${place}/Default`, 'Default');
      for (const field of ['Choices', 'Catch']) {
        const rules = Array.isArray(state[field]) ? state[field] : [];
        for (const [index, rule] of rules.entries())
          if (isObject(rule)) follow(rule['Next'], `${place}/${field}[${index}]/Next`, 'Next');
      }
    };
    follow(startAt, `${at}/StartAt`, 'StartAt');
    for (const name of Object.keys(states))
      if (!reached.has(name))
        this.problem(
          'MISSING_TRANSITION_TARGET',
          `State "${name}" is not reachable.`,
          `${at}/States/${name}`,
        );
  }

  private onlyFields(raw: Raw, known: readonly string[], at: string): void {
    for (const name of Object.keys(raw))
      if (!known.includes(name)) this.invalid('Field is not supported', `${at}/${name}`);
  }

  private exclusive(raw: Raw, names: readonly string[], at: string): void {
    if (names.filter((name) => raw[name] !== undefined).length > 1)
      this.invalid(`Only one of these fields is allowed: [${names.join(', ')}]`, at);
  }

  private guard<T>(at: string, work: () => T): T | undefined {
    try {
      return work();
    } catch (thrown) {
      if (!(thrown instanceof Error)) throw thrown;
      const place = thrown instanceof FieldError && thrown.field !== '' ? `${at}/${thrown.field}` : at;
      return this.invalid(thrown.message, place);
    }
  }

  private invalid(message: string, location: string): undefined {
    this.problem('SCHEMA_VALIDATION_FAILED', message, location);
    return undefined;
  }

  private problem(code: string, message: string, location: string): void {
    this.diagnostics.push({ code, message, location });
  }
}

const RETRIER_FIELDS = [
  'Comment',
  'ErrorEquals',
  'IntervalSeconds',
  'MaxAttempts',
  'BackoffRate',
  'MaxDelaySeconds',
  'JitterStrategy',
];
const CATCHER_FIELDS = {
  both: ['Comment', 'ErrorEquals', 'Next', 'Assign'],
  JSONPath: ['ResultPath'],
  JSONata: ['Output'],
};
const DISTRIBUTED_ONLY = [
  'ItemReader',
  'ItemBatcher',
  'ResultWriter',
  'ToleratedFailureCount',
  'ToleratedFailurePercentage',
  'Label',
];

const isLanguage = (value: unknown): value is QueryLanguage => value === 'JSONPath' || value === 'JSONata';
const isType = (value: unknown): value is StateType => STATE_TYPES.some((type) => type === value);
