/** `(@.a == 'b' && !(@.n > 3) || @.c)`: https://github.com/json-path/JsonPath#filter-operators */
import { javaRegex } from '../java/regex.ts';
import { readJson, readPath } from './parse.ts';
import type { PathReader } from './path-reader.ts';
import { OPERATORS, type FilterNode, type Operand, type Operator } from './syntax.ts';

export function readFilter(reader: PathReader): FilterNode {
  reader.take('(');
  const filter = readOr(reader);
  reader.blanks();
  if (!reader.take(')')) reader.fail('Could not compile inline filter');
  return filter;
}

function readOr(reader: PathReader): FilterNode {
  const operands = [readAnd(reader)];
  for (reader.blanks(); reader.take('||'); reader.blanks()) operands.push(readAnd(reader));
  return joined('or', operands);
}

function readAnd(reader: PathReader): FilterNode {
  const operands = [readOperand(reader)];
  for (reader.blanks(); reader.take('&&'); reader.blanks()) operands.push(readOperand(reader));
  return joined('and', operands);
}

const joined = (kind: 'and' | 'or', operands: readonly FilterNode[]): FilterNode =>
  operands.length === 1 && operands[0] !== undefined ? operands[0] : { kind, operands };

function readOperand(reader: PathReader): FilterNode {
  reader.blanks();
  const from = reader.at;
  if (reader.take('!')) {
    reader.blanks();
    if (reader.char() !== '@' && reader.char() !== '$') return { kind: 'not', operand: readOperand(reader) };
    reader.at = from;
  }
  if (reader.char() === '(') return readFilter(reader);
  return readComparison(reader);
}

function readComparison(reader: PathReader): FilterNode {
  const expected = !reader.take('!');
  reader.blanks();
  const left = readValue(reader);
  reader.blanks();
  const operator = readOperator(reader);
  if (operator === undefined) {
    if (left.kind !== 'path') return reader.fail('Expected path node');
    return { kind: 'exists', path: left.path, expected };
  }
  reader.blanks();
  return { kind: 'compare', operator, left, right: readValue(reader) };
}

function readOperator(reader: PathReader): Operator | undefined {
  const word = reader.match(/[<>=~!]+|[a-zA-Z]+/y)?.toUpperCase();
  if (word === undefined) return undefined;
  const known = OPERATORS.find((operator) => operator === word);
  return known ?? reader.fail(`Filter operator ${word} is not supported!`);
}

function readValue(reader: PathReader): Operand {
  const char = reader.char();
  if (char === '@' || char === '$') return { kind: 'path', path: readPath(reader) };
  if (char === '/') return readPattern(reader);
  if (char === "'" || char === '"') return { kind: 'value', value: reader.quoted() };
  if (char === '') return reader.fail('Expected a value');
  return { kind: 'value', value: readJson(reader) };
}

function readPattern(reader: PathReader): Operand {
  const text = reader.match(/\/(?:\\[\s\S]|[^/\\])*\/[a-zA-Z]*/y);
  if (text === undefined) return reader.fail('Pattern not closed. Expected /');
  const end = text.lastIndexOf('/');
  const flags = text.slice(end + 1).replace(/[^ims]/g, '');
  try {
    // Jayway lets the whole text match, not a part of it.
    return { kind: 'pattern', pattern: javaRegex(`^(?:${text.slice(1, end)})$`, flags) };
  } catch (error) {
    return reader.fail(error instanceof Error ? error.message : 'Pattern is not valid');
  }
}
