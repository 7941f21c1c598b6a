/**
 * Templates by the grammar of Velocity 1.7, its white space too: the rest of the line goes with a directive's closing
 * parenthesis, `#else` and `#end`; `#set` also takes the blanks before it where no text stands before them.
 * https://velocity.apache.org/engine/1.7/vtl-reference.html
 */
import { parseExpression, parsePrimary, parseReference, referenceIsAhead } from './parse-expression.ts';
import { Scanner } from './scanner.ts';
import type { Branch, Expression, Node } from './syntax.ts';

export function parseTemplate(source: string, custom: ReadonlySet<string>): readonly Node[] {
  const scanner = new Scanner(source);
  customDirectives.set(scanner, custom);
  const nodes = parseNodes(scanner);
  return nodes;
}

/** Extra line directives a template may use; string literals inside see none. */
const customDirectives = new WeakMap<Scanner, ReadonlySet<string>>();
const NONE: ReadonlySet<string> = new Set();

const REST_OF_LINE = /[ \t]*(?:\r\n|\n|\r)/y;
const WORD = /[a-zA-Z_@][a-zA-Z0-9_@]*/y;
const BRACKETED_WORD = /\{[a-zA-Z_][a-zA-Z0-9_@]*\}/y;
const BUILT_IN = new Set([
  'if',
  'elseif',
  'else',
  'end',
  'set',
  'stop',
  'foreach',
  'macro',
  'define',
  'evaluate',
  'break',
  'literal',
  'parse',
  'include',
]);

/** Everything to the end of the source. */
export function parseNodes(scanner: Scanner): readonly Node[] {
  const nodes = parseBlock(scanner);
  if (!scanner.atEnd) scanner.unexpected('the end of the template');
  return nodes;
}

/** Up to `#end`, `#else`, `#elseif` or the end, none of them taken. */
function parseBlock(scanner: Scanner): Node[] {
  const nodes: Node[] = [];
  let text = '';
  const flush = (): void => {
    if (text !== '') nodes.push({ kind: 'text', text });
    text = '';
  };
  while (!scanner.atEnd) {
    const plain = scanner.match(/[^$#\\]+/y);
    if (plain !== undefined) {
      // Blanks that no text stands before belong to the #set behind them.
      const blankOnly = text === '' && /^[ \t]+$/.test(plain);
      if (!blankOnly || !setIsAhead(scanner)) text += plain;
      continue;
    }
    const slashes = scanner.match(/\\+/y) ?? '';
    const char = scanner.char();
    if (char === '$' && referenceIsAhead(scanner)) {
      flush();
      const reference = parseReference(scanner);
      const escape = {
        escaped: slashes.length % 2 === 1,
        prefix: '\\'.repeat(Math.floor(slashes.length / 2)),
      };
      nodes.push({ kind: 'reference', reference, escape });
    } else if (char !== '#') {
      text += slashes;
      if (char === '$') text += scanner.match(/\$\\+!(?=\{?[a-zA-Z_])/y)?.replace('\\', '') ?? take(scanner);
    } else if (slashes.length % 2 === 1 && directiveWord(scanner) !== undefined) {
      text += escapedDirective(scanner, slashes);
    } else {
      text +=
        /^(?:if|elseif|else|end|stop)$/.test(directiveWord(scanner) ?? '') || isDirective(scanner)
          ? slashes.slice(slashes.length / 2)
          : slashes;
      if (closesBlock(scanner)) {
        flush();
        return nodes;
      }
      const literal = skipComment(scanner);
      if (literal !== undefined) text += literal;
      else {
        const node = parseDirective(scanner);
        if (node === undefined) text += take(scanner);
        else if (node.kind === 'text') text += node.text;
        else {
          flush();
          nodes.push(node);
        }
      }
      // Text after a directive is a new run: blanks at its front may belong to a #set.
      flush();
    }
  }
  flush();
  return nodes;
}

/** One character. */
const take = (scanner: Scanner): string => scanner.source.charAt(scanner.at++);

const setIsAhead = (scanner: Scanner): boolean => {
  SET.lastIndex = scanner.at;
  return SET.test(scanner.source);
};
const SET = /#(?:set|\{set\}) *\(/y;

/** The word behind a hash sign, braces taken off; nothing is taken from the source. */
function directiveWord(scanner: Scanner): string | undefined {
  const at = scanner.at++;
  const word = scanner.match(WORD) ?? scanner.match(BRACKETED_WORD)?.slice(1, -1);
  scanner.at = at;
  return word;
}

const isCustom = (scanner: Scanner, word: string): boolean =>
  (customDirectives.get(scanner) ?? NONE).has(word);

/** A directive other than #set and the ones of blocks, or a macro of this template. */
function isDirective(scanner: Scanner): boolean {
  const word = directiveWord(scanner);
  if (word === undefined || word === 'set') return false;
  return BUILT_IN.has(word) || isCustom(scanner, word) || macroIsDefined(scanner, word);
}

const macroIsDefined = (scanner: Scanner, word: string): boolean =>
  new RegExp(`#(?:macro|\\{macro\\})\\s*\\(\\s*${word}[\\s)]`).test(scanner.source);

/** `\#if` prints `#if`; where there is no such directive the backslashes are only text. */
function escapedDirective(scanner: Scanner, slashes: string): string {
  const word = directiveWord(scanner) ?? '';
  const known = word === 'set' || isDirective(scanner);
  scanner.at++;
  const written = scanner.match(WORD) ?? scanner.match(BRACKETED_WORD) ?? '';
  return `${known ? slashes.slice(0, (slashes.length - 1) / 2) : slashes}#${written}`;
}

function closesBlock(scanner: Scanner): boolean {
  const word = directiveWord(scanner);
  return word === 'end' || word === 'else' || word === 'elseif';
}

/** Past a comment ('' is its text) or a `#[[literal]]#`; undefined when it is neither. */
function skipComment(scanner: Scanner): string | undefined {
  if (scanner.match(/##[^\r\n]*(?:\r\n|\n|\r)?/y) !== undefined) return '';
  if (scanner.looksAt('#*')) {
    const end = scanner.source.indexOf('*#', scanner.at + 2);
    scanner.at = end < 0 ? scanner.source.length : end + 2;
    return '';
  }
  if (!scanner.looksAt('#[[')) return undefined;
  const end = scanner.source.indexOf(']]#', scanner.at + 3);
  if (end < 0) scanner.fail('#[[ is not closed by ]]#');
  const literal = scanner.source.slice(scanner.at + 3, end);
  scanner.at = end + 3;
  return literal;
}

/** Undefined when the hash sign is only text. */
function parseDirective(scanner: Scanner): Node | undefined {
  const at = scanner.at;
  const word = directiveWord(scanner);
  if (word === undefined) return undefined;
  scanner.at++;
  if (scanner.match(WORD) === undefined) scanner.match(BRACKETED_WORD);
  switch (word) {
    case 'set':
      return scanner.match(/ *\(/y) === undefined ? asWritten(scanner, at) : parseSet(scanner, at);
    case 'if':
      return parseIf(scanner);
    case 'foreach':
      return parseForeach(scanner, at);
    case 'macro':
      return parseMacro(scanner);
    case 'define':
      return parseDefine(scanner);
    case 'evaluate':
      return parseEvaluate(scanner, at);
    case 'literal':
      return parseLiteral(scanner);
    case 'stop':
      return { kind: 'stop' };
    case 'break':
      if (parenthesisIsAhead(scanner)) parseDirectiveArguments(scanner);
      return { kind: 'break' };
    case 'parse':
    case 'include':
      return scanner.fail(`#${word} is not supported: templates have no files`, at);
    default:
      return parseCall(scanner, word, at);
  }
}

const asWritten = (scanner: Scanner, at: number): Node => ({
  kind: 'text',
  text: scanner.source.slice(at, scanner.at),
});

function open(scanner: Scanner): void {
  scanner.blanks();
  scanner.expect('(');
  scanner.blanks();
}

/** The closing parenthesis takes blanks and the end of the line with it. */
function close(scanner: Scanner): void {
  scanner.blanks();
  scanner.expect(')');
  scanner.match(REST_OF_LINE);
}

function parseEnd(scanner: Scanner): void {
  if (directiveWord(scanner) !== 'end' || scanner.char() !== '#') scanner.unexpected('"#end"');
  scanner.match(/#(?:end|\{end\})/y);
  scanner.match(REST_OF_LINE);
}

function parseBody(scanner: Scanner): readonly Node[] {
  const body = parseBlock(scanner);
  parseEnd(scanner);
  return body;
}

function parseSet(scanner: Scanner, at: number): Node {
  scanner.blanks();
  if (!referenceIsAhead(scanner)) scanner.unexpected('a reference');
  const target = parseReference(scanner);
  scanner.blanks();
  scanner.expect('=');
  const value = parseExpression(scanner);
  close(scanner);
  return { kind: 'set', target, value, at: scanner.place(at) };
}

function parseIf(scanner: Scanner): Node {
  const branches: Branch[] = [parseBranch(scanner)];
  let otherwise: readonly Node[] | null = null;
  while (scanner.match(/#(?:elseif|\{elseif\})(?![a-zA-Z0-9_@])/y) !== undefined)
    branches.push(parseBranch(scanner));
  if (scanner.match(/#(?:else(?![a-zA-Z0-9_@])|\{else\})/y) !== undefined) {
    scanner.match(REST_OF_LINE);
    otherwise = parseBlock(scanner);
  }
  parseEnd(scanner);
  return { kind: 'if', branches, otherwise };
}

function parseBranch(scanner: Scanner): Branch {
  open(scanner);
  const test = parseExpression(scanner);
  close(scanner);
  return { test, body: parseBlock(scanner) };
}

function parseForeach(scanner: Scanner, at: number): Node {
  open(scanner);
  if (!referenceIsAhead(scanner)) scanner.unexpected('a reference');
  const variable = parseReference(scanner).root;
  scanner.blanks();
  if (scanner.match(/in(?![a-zA-Z0-9_@])/y) === undefined) scanner.unexpected('"in"');
  scanner.blanks();
  const list = parsePrimary(scanner);
  close(scanner);
  return { kind: 'foreach', variable, list, body: parseBody(scanner), at: scanner.place(at) };
}

function parseMacro(scanner: Scanner): Node {
  open(scanner);
  const name = scanner.match(WORD) ?? scanner.unexpected("the macro's name");
  const parameters: string[] = [];
  for (;;) {
    scanner.match(/[\s,]*/y);
    if (scanner.char() === ')') break;
    if (!referenceIsAhead(scanner)) scanner.unexpected('a parameter');
    parameters.push(parseReference(scanner).root);
  }
  close(scanner);
  return { kind: 'macro', name, parameters, body: parseBody(scanner) };
}

function parseDefine(scanner: Scanner): Node {
  open(scanner);
  if (!referenceIsAhead(scanner)) scanner.unexpected('a reference');
  const variable = parseReference(scanner).root;
  close(scanner);
  return { kind: 'define', variable, body: parseBody(scanner) };
}

function parseEvaluate(scanner: Scanner, at: number): Node {
  open(scanner);
  const source = parsePrimary(scanner);
  close(scanner);
  return { kind: 'evaluate', source, at: scanner.place(at) };
}

/** `#literal() ... #end` prints what it holds as written. */
function parseLiteral(scanner: Scanner): Node {
  open(scanner);
  close(scanner);
  const from = scanner.at;
  parseBlock(scanner);
  const text = scanner.source.slice(from, scanner.at);
  parseEnd(scanner);
  return { kind: 'text', text };
}

const PARENTHESIS_AHEAD = /[ \t\r\n]*\(/y;

function parenthesisIsAhead(scanner: Scanner): boolean {
  PARENTHESIS_AHEAD.lastIndex = scanner.at;
  return PARENTHESIS_AHEAD.test(scanner.source);
}

/** Separated by blanks, commas or both. */
function parseDirectiveArguments(scanner: Scanner): Expression[] {
  const args: Expression[] = [];
  open(scanner);
  while (scanner.char() !== ')') {
    const word = scanner.match(/(?!true|false)[a-zA-Z_@][a-zA-Z0-9_@]*/y);
    args.push(word === undefined ? parsePrimary(scanner) : { kind: 'constant', value: word });
    scanner.match(/[ \t\r\n]*,?[ \t\r\n]*/y);
  }
  close(scanner);
  return args;
}

function parseCall(scanner: Scanner, word: string, at: number): Node {
  const isBlock = word.startsWith('@');
  const hasArguments = parenthesisIsAhead(scanner);
  const args = hasArguments ? parseDirectiveArguments(scanner) : [];
  if (isCustom(scanner, word)) return { kind: 'directive', name: word, args, at: scanner.place(at) };
  const body = isBlock && hasArguments ? parseBody(scanner) : null;
  const literal = scanner.source.slice(at, scanner.at);
  return { kind: 'call', name: isBlock ? word.slice(1) : word, args, literal, body, at: scanner.place(at) };
}
