/**
 * From a template's tree to JavaScript. Only literals of the template reach the code, as JSON text; names become
 * numbered slots. Variables are JavaScript variables, except in templates with #evaluate, whose strings must find
 * them by name: there they live in an object without a prototype.
 */
import { factsOf, isCounter, LOOP_VARIABLES, macrosIn, type Facts } from './facts.ts';
import type { Expression, Node, Reference, Step } from './syntax.ts';

export interface GenerateOptions {
  /** Null may be #set, and a reference that is null prints nothing when its variable exists. */
  readonly nullsPrintNothing: boolean;
  /** Of a string given to #evaluate: variables, macros and frame come from outside. */
  readonly evaluated: boolean;
}

export interface Generated {
  readonly code: string;
  readonly constants: readonly unknown[];
}

export function generate(nodes: readonly Node[], options: GenerateOptions): Generated {
  const facts = factsOf(nodes, options);
  const generator = new Generator(facts, options);
  const first = generator.template(nodes);
  return { code: first, constants: generator.constants };
}

const text = (value: string): string => JSON.stringify(value);

interface Loop {
  readonly index: string;
  readonly items: string;
  readonly label: string;
}

class Generator {
  readonly constants: unknown[] = [];
  private readonly slots = new Map<string, string>();
  private readonly facts: Facts;
  private readonly options: GenerateOptions;
  private counter = 0;
  /** Loops around this place within the same function, the innermost last. */
  private loops: Loop[] = [];
  /** Inside a macro: parameters are looked up. */
  private framed: boolean;

  constructor(facts: Facts, options: GenerateOptions) {
    this.facts = facts;
    this.options = options;
    this.framed = options.evaluated;
  }

  template(nodes: readonly Node[]): string {
    const macros = this.macros(nodes);
    const body = this.block(nodes);
    const variables = [...this.slots].map(([name, slot]) => `let ${slot} = rt.own(context, ${text(name)});`);
    return [
      '"use strict";',
      `const { show, truth, call, property, element, bounded } = rt;`,
      `return (context, state, vars, macros, frame) => {`,
      `let out = "", at = 0, t;`,
      ...(this.facts.dynamic ? ['vars ??= rt.variables(context);'] : variables),
      'try {',
      macros,
      body,
      '} catch (thrown) {',
      // A #break outside of every loop ends the template; in an evaluated string it is for a loop around that.
      `if (thrown !== rt.STOP${this.options.evaluated ? '' : ' && thrown !== rt.BREAK'}) throw located(thrown, at);`,
      '}',
      'return out;',
      '};',
    ].join('\n');
  }

  /** Macros are there from the start of the template on; the first of a name counts. */
  private macros(nodes: readonly Node[]): string {
    return macrosIn(nodes)
      .map(({ name, parameters, body }) => {
        const run = this.inFunction(true, () => this.detached(this.block(body)));
        return `macros[${text(name)}] ??= { parameters: ${JSON.stringify(parameters)}, run: (frame) => ${run} };`;
      })
      .join('\n');
  }

  /** Code within a function of its own, where a loop outside cannot be left by a plain break. */
  private inFunction(framed: boolean, write: () => string): string {
    const { loops, framed: before } = this;
    this.loops = [];
    this.framed = framed || before;
    const code = write();
    this.loops = loops;
    this.framed = before;
    return code;
  }

  /** A function body that gives its output instead of adding it. */
  private detached(body: string): string {
    return `{ const saved = out; let t; out = ""; rt.enter(state); try { ${body} return out; } finally { out = saved; rt.leave(state); } }`;
  }

  private block(nodes: readonly Node[]): string {
    return nodes.map((node) => this.node(node)).join('\n');
  }

  private node(node: Node): string {
    switch (node.kind) {
      case 'text':
        return `out += ${text(node.text)};`;
      case 'reference':
        return `out += ${this.shown(node.reference, node.escape.prefix, node.escape.escaped)};`;
      case 'set':
        return `at = ${node.at}; ${this.set(node.target, node.value)}`;
      case 'if':
        return this.ifs(node.branches, node.otherwise);
      case 'foreach':
        return this.foreach(node.variable, node.list, node.body, node.at);
      case 'macro':
        return '';
      case 'call':
        return this.macroCall(node);
      case 'define': {
        const render = this.inFunction(false, () => this.detached(this.block(node.body)));
        return this.assign(node.variable, `rt.block(() => ${render})`);
      }
      case 'evaluate':
        return `at = ${node.at}; out += evaluate(${this.value(node.source)}, state, vars, macros, ${this.frame()});`;
      case 'directive': {
        const args = node.args.map((arg) => this.value(arg)).join(', ');
        return `at = ${node.at}; out += directives[${text(node.name)}]([${args}]);`;
      }
      case 'break': {
        const loop = this.loops.at(-1);
        return loop === undefined ? 'throw rt.BREAK;' : `break ${loop.label};`;
      }
      case 'stop':
        return 'throw rt.STOP;';
      default:
        return node satisfies never;
    }
  }

  private ifs(
    branches: Extract<Node, { kind: 'if' }>['branches'],
    otherwise: readonly Node[] | null,
  ): string {
    const code = branches
      .map(({ test, body }) => `if (${this.test(test)}) {\n${this.block(body)}\n}`)
      .join(' else ');
    return otherwise === null ? code : `${code} else {\n${this.block(otherwise)}\n}`;
  }

  private foreach(variable: string, list: Expression, body: readonly Node[], at: number): string {
    const id = this.counter++;
    const loop = { index: `i${id}`, items: `l${id}`, label: `loop${id}` };
    const kept = [variable, ...LOOP_VARIABLES.filter((name) => this.facts.loopVariables.has(name))];
    const save = kept.map((name, i) => `const k${id}_${i} = ${this.slot(name)};`).join(' ');
    const restore = kept.map((name, i) => `${this.slot(name)} = k${id}_${i};`).join(' ');
    const source = this.value(list);
    this.loops.push(loop);
    const inner = this.block(body);
    this.loops.pop();
    const round = `${this.assign(variable, `l${id}[${loop.index}]`)} ${this.loopVariables(loop)}\n${inner}`;
    const guarded = this.facts.farBreak
      ? `try { ${round} } catch (thrown) { if (thrown === rt.BREAK) break; throw thrown; }`
      : round;
    return [
      `at = ${at}; const ${loop.items} = rt.iterate(state, ${source});`,
      `if (${loop.items} !== null) {`,
      `${save} const n${id} = Math.min(${loop.items}.length, state.maxIterations);`,
      `${loop.label}: for (let ${loop.index} = 0; ${loop.index} < n${id}; ${loop.index}++) {`,
      guarded,
      'if (out.length > state.maxOutput) rt.tooLong(state);',
      '}',
      restore,
      '}',
    ]
      .join('\n')
      .replace(/^/, '{\n')
      .concat('\n}');
  }

  private loopVariables(loop: Loop): string {
    const { loopVariables } = this.facts;
    let code = '';
    if (loopVariables.has('velocityCount')) code += `${this.slot('velocityCount')} = ${loop.index} + 1;`;
    if (loopVariables.has('velocityHasNext'))
      code += `${this.slot('velocityHasNext')} = ${loop.index} + 1 < ${loop.items}.length;`;
    if (loopVariables.has('foreach')) {
      const slot = this.slot('foreach');
      // Before the first round the slot still holds the scope of the loop around.
      code += `if (${loop.index} === 0) ${slot} = rt.scope(${loop.items}.length, ${slot}); ${slot}.index = ${loop.index};`;
    }
    return code;
  }

  private macroCall(node: Extract<Node, { kind: 'call' }>): string {
    const args = node.args.map((arg) =>
      this.inFunction(
        false,
        () => `{ value: () => ${this.value(arg)}, missing: () => ${this.missingOf(arg)} }`,
      ),
    );
    const { body } = node;
    const content =
      body === null
        ? 'null'
        : `{ value: () => ${this.inFunction(false, () => this.detached(this.block(body)))}, missing: () => "" }`;
    const macro = `macros[${text(node.name)}]`;
    return [
      `at = ${node.at};`,
      `if (${macro} === undefined) out += ${text(node.literal)};`,
      `else out += ${macro}.run(rt.frame(${this.frame()}, ${macro}, [${args.join(', ')}], ${content}));`,
      'if (out.length > state.maxOutput) rt.tooLong(state);',
    ].join(' ');
  }

  private missingOf(arg: Expression): string {
    return arg.kind === 'reference' ? this.missing(arg.reference) : '""';
  }

  private frame(): string {
    return this.framed ? 'frame' : 'null';
  }

  /** The place of a variable outside every macro. */
  private slot(name: string): string {
    if (this.facts.dynamic) return `vars[${text(name)}]`;
    const known = this.slots.get(name);
    if (known !== undefined) return known;
    const slot = `v${this.slots.size}`;
    this.slots.set(name, slot);
    return slot;
  }

  private isLookedUp(name: string): boolean {
    return this.framed && (this.options.evaluated || this.facts.parameters.has(name));
  }

  private read(name: string): string {
    return this.isLookedUp(name) ? `rt.lookup(frame, ${text(name)}, ${this.slot(name)})` : this.slot(name);
  }

  private assign(name: string, value: string): string {
    return this.isLookedUp(name)
      ? `${this.slot(name)} = rt.assign(frame, ${text(name)}, ${value});`
      : `${this.slot(name)} = ${value};`;
  }

  private set(target: Reference, value: Expression): string {
    const code = this.value(value);
    const last = target.steps.at(-1);
    if (last === undefined) {
      if (this.options.nullsPrintNothing) return this.assign(target.root, `(${code}) ?? null`);
      return `if ((t = ${code}) != null) { ${this.assign(target.root, 't')} }`;
    }
    if (last.kind === 'method') return `${code};`;
    const base = this.steps(target.root, target.steps.slice(0, -1));
    const put =
      last.kind === 'property'
        ? `rt.setProperty(${base}, ${text(last.name)}, t)`
        : `rt.setElement(${base}, ${this.value(last.key)}, t)`;
    const guard = this.options.nullsPrintNothing ? `t ??= null;` : '';
    return `{ let t = ${code}; ${guard} if (t !== undefined) ${put}; }`;
  }

  /** The text of a reference. */
  private shown(reference: Reference, prefix: string, escaped: boolean): string {
    const value = this.reference(reference);
    if (escaped) {
      const written = `${prefix}${reference.literal}`;
      return `(${value} == null ? ${text(`${prefix}\\${reference.literal}`)} : ${text(written)})`;
    }
    const missing = this.missing(reference);
    if (prefix === '') return `(typeof (t = ${value}) === "string" ? t : show(t, ${missing}))`;
    return `((t = ${value}) == null ? ${text(prefix + prefix)} + ${missing} : ${text(prefix)} + show(t, ""))`;
  }

  private missing(reference: Reference): string {
    if (reference.quiet) return '""';
    const literal = text(reference.literal);
    if (!this.options.nullsPrintNothing) {
      return this.isLookedUp(reference.root) && reference.steps.length === 0
        ? `rt.missing(frame, ${text(reference.root)}, ${literal})`
        : literal;
    }
    const own = `(${this.read(reference.root)} === undefined ? ${literal} : "")`;
    return this.isLookedUp(reference.root) && reference.steps.length === 0
      ? `rt.missing(frame, ${text(reference.root)}, ${own})`
      : own;
  }

  private reference(reference: Reference): string {
    const loop = this.loops.at(-1);
    if (loop !== undefined && isCounter(reference)) {
      const counter = loopCounter(reference, loop);
      if (counter !== undefined) return counter;
    }
    return this.steps(reference.root, reference.steps);
  }

  private steps(root: string, steps: readonly Step[]): string {
    let code = this.read(root);
    for (const step of steps) {
      if (step.kind === 'property') code = `property(${code}, ${text(step.name)})`;
      else if (step.kind === 'index') code = `element(${code}, (at = ${step.at}, ${this.value(step.key)}))`;
      else {
        const args = step.args.map((arg) => this.value(arg)).join(', ');
        code = `call(state, ${code}, (at = ${step.at}, ${text(step.name)}), [${args}])`;
      }
    }
    return code;
  }

  private value(expression: Expression): string {
    switch (expression.kind) {
      case 'constant':
        return this.constant(expression.value);
      case 'reference':
        return this.reference(expression.reference);
      case 'interpolation':
        return this.interpolation(expression.body);
      case 'list':
        return `rt.list(${expression.items.map((item) => this.value(item)).join(', ')})`;
      case 'range':
        return `rt.range(${this.value(expression.from)}, ${this.value(expression.to)})`;
      case 'map':
        return `rt.map([${expression.entries.map(([key, item]) => `[${this.value(key)}, ${this.value(item)}]`).join(', ')}])`;
      case 'not':
        return `!${this.test(expression.operand)}`;
      case 'binary':
        return this.binary(expression);
      default:
        return expression satisfies never;
    }
  }

  private constant(value: unknown): string {
    if (typeof value === 'string') return text(value);
    if (typeof value === 'boolean' || typeof value === 'number') return `${value}`;
    this.constants.push(value);
    return `constants[${this.constants.length - 1}]`;
  }

  private interpolation(body: readonly Node[]): string {
    if (body.every((node) => node.kind === 'text' || node.kind === 'reference')) {
      const parts = body.map((node) =>
        node.kind === 'text'
          ? text(node.text)
          : this.shown(node.reference, node.escape.prefix, node.escape.escaped),
      );
      return `bounded(state, ${parts.length === 0 ? '""' : parts.join(' + ')})`;
    }
    return `bounded(state, (() => ${this.inFunction(false, () => this.detached(this.block(body)))})())`;
  }

  private binary(expression: Extract<Expression, { kind: 'binary' }>): string {
    const { operator, left, right, literals } = expression;
    if (operator === 'and') return `(${this.test(left)} && ${this.test(right)})`;
    if (operator === 'or') return `(${this.test(left)} || ${this.test(right)})`;
    const operands = `${this.value(left)}, ${this.value(right)}`;
    switch (operator) {
      case 'eq':
        return `rt.equal(${operands})`;
      case 'ne':
        return `!rt.equal(${operands})`;
      case 'lt':
        return `(rt.compare(${operands}) < 0)`;
      case 'le':
        return `(rt.compare(${operands}) <= 0)`;
      case 'gt':
        return `(rt.compare(${operands}) > 0)`;
      case 'ge':
        return `(rt.compare(${operands}) >= 0)`;
      case 'add':
        return `rt.add(${operands}, ${text(literals[0])}, ${text(literals[1])})`;
      default:
        return `rt.${operator}(${operands})`;
    }
  }

  /**
   * Whether an expression holds. In Velocity 1.7 only references, true, false and comparisons can: a string, a number
   * or a sum on its own is false (SimpleNode.evaluate).
   */
  private test(expression: Expression): string {
    switch (expression.kind) {
      case 'constant':
        return String(expression.value === true);
      case 'reference':
        return `truth(${this.reference(expression.reference)})`;
      case 'not':
        return `!${this.test(expression.operand)}`;
      case 'binary':
        return /^(?:and|or|eq|ne|lt|le|gt|ge)$/.test(expression.operator) ? this.binary(expression) : 'false';
      default:
        return 'false';
    }
  }
}

function loopCounter(reference: Reference, loop: Loop): string | undefined {
  if (reference.root === 'velocityCount') return `(${loop.index} + 1)`;
  if (reference.root === 'velocityHasNext') return `(${loop.index} + 1 < ${loop.items}.length)`;
  const step = reference.steps[0];
  if (reference.root !== 'foreach' || step?.kind !== 'property') return undefined;
  switch (step.name) {
    case 'index':
      return loop.index;
    case 'count':
      return `(${loop.index} + 1)`;
    case 'first':
      return `(${loop.index} === 0)`;
    case 'last':
      return `(${loop.index} + 1 === ${loop.items}.length)`;
    default:
      return `(${loop.index} + 1 < ${loop.items}.length)`;
  }
}
