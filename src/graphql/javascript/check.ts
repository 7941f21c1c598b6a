/**
 * What APPSYNC_JS allows: checked when code is given, as AWS does. https://docs.aws.amazon.com/appsync/latest/devguide/supported-features.html
 */
import { type AnyNode, parse, type Program } from 'acorn';
import { ancestor } from 'acorn-walk';
import { limits } from '../../base/limits.ts';
import type { CodeProblem } from '../config.ts';
import { isKnownModule } from './run.ts';

/** Every mistake, in the order of the text. */
export function checkCode(code: string): CodeProblem[] {
  if (code.length > limits.appsyncCodeCharacters)
    return [
      {
        errorType: 'PARSER_ERROR',
        value: `code must not be longer than ${limits.appsyncCodeCharacters} characters`,
        line: 1,
        column: 0,
      },
    ];
  let program: Program;
  try {
    program = parse(code, { ecmaVersion: 2020, sourceType: 'module', locations: true });
  } catch (thrown) {
    const { message, loc } = thrown as { message: string; loc?: { line: number; column: number } }; // acorn's SyntaxError
    return [
      {
        errorType: 'PARSER_ERROR',
        value: message.replace(/ \(\d+:\d+\)$/, ''),
        line: loc?.line ?? 1,
        column: loc?.column ?? 0,
      },
    ];
  }
  const problems: CodeProblem[] = [];
  const tell = (node: AnyNode, value: string): void => {
    const { line = 1, column = 0 } = node.loc?.start ?? {};
    problems.push({ errorType: 'PARSER_ERROR', value, line, column });
  };
  const visitors: Record<string, (node: never, state: unknown, ancestors: AnyNode[]) => void> = {};
  for (const [type, what] of Object.entries(FORBIDDEN))
    visitors[type] = (node: AnyNode) => tell(node, `@aws-appsync/${what}`);
  ancestor(program, {
    ...(visitors as object),
    ImportDeclaration(node) {
      if (!isKnownModule(String(node.source.value)))
        tell(node, `Cannot find module '${String(node.source.value)}'`);
    },
    Function(given) {
      const node = given as unknown as AnyNode & { async: boolean; generator: boolean }; // any kind of function
      if (node.async) tell(node, '@aws-appsync/no-async');
      if (node.generator) tell(node, '@aws-appsync/no-generator');
    },
    UnaryExpression(node) {
      if (node.operator === '~') tell(node, '@aws-appsync/no-disallowed-unary-operators');
    },
    BinaryExpression(node) {
      if (node.operator === 'in' || node.operator === 'instanceof')
        tell(node, `@aws-appsync/no-${node.operator}`);
    },
    Literal(node) {
      if (node.regex) tell(node, '@aws-appsync/no-regex');
    },
    Identifier(node, _state, ancestors) {
      const parent = ancestors.at(-2);
      const isMember = parent?.type === 'MemberExpression' && parent.property === node && !parent.computed;
      if (!isMember && GLOBALS.has(node.name))
        tell(node, `@aws-appsync/no-${node.name === 'Promise' ? 'promise' : 'disallowed-globals'}`);
    },
    AssignmentExpression(node) {
      if (node.left.type === 'Identifier' && CONTEXT.has(node.left.name))
        tell(node, '@aws-appsync/no-context-reassignment');
    },
    CallExpression(node, _state, ancestors) {
      const own = node.callee.type === 'Identifier' ? node.callee.name : undefined;
      const inside = ancestors.some(
        (outer) => outer.type === 'FunctionDeclaration' && own !== undefined && outer.id?.name === own,
      );
      if (inside) tell(node, '@aws-appsync/no-recursion');
    },
  });
  return problems.toSorted((one, other) => one.line - other.line || one.column - other.column);
}

/** By the names of AWS's own lint rules. */
const FORBIDDEN: Readonly<Record<string, string>> = {
  AwaitExpression: 'no-await',
  ClassDeclaration: 'no-classes',
  ClassExpression: 'no-classes',
  ForStatement: 'no-for',
  WhileStatement: 'no-while',
  DoWhileStatement: 'no-while',
  ContinueStatement: 'no-continue',
  LabeledStatement: 'no-labels',
  ThisExpression: 'no-this',
  TryStatement: 'no-try',
  ThrowStatement: 'no-throw',
  UpdateExpression: 'no-disallowed-unary-operators',
  YieldExpression: 'no-yield',
  WithStatement: 'no-with',
  NewExpression: 'no-new',
  ImportExpression: 'no-dynamic-import',
};

const GLOBALS = new Set([
  'Promise',
  'eval',
  'Function',
  'globalThis',
  'process',
  'require',
  'fetch',
  'setTimeout',
  'setInterval',
  'setImmediate',
  'queueMicrotask',
  'Proxy',
  'Reflect',
  'Symbol',
  'WeakMap',
  'WeakRef',
  '__host',
  '__modules',
  '__run',
]);
const CONTEXT = new Set(['ctx', 'context']);
