import { parseLenientJson } from '../json/parse.ts';
import { readFilter } from './parse-filter.ts';
import { PathReader } from './path-reader.ts';
import { FUNCTION_NAMES } from './functions.ts';
import type { Parameter, Path, Token } from './syntax.ts';

/** A whole path. Without `$` at its front one is put there, as Jayway does. */
export function parsePath(text: string): Path {
  const trimmed = text.trim();
  const reader = new PathReader(/^[$@]/.test(trimmed) ? trimmed : `$.${trimmed}`);
  if (reader.source.endsWith('.')) reader.fail("Path must not end with a '.' or '..'");
  const path = readPath(reader);
  if (!reader.atEnd) reader.fail(`Could not parse token starting at position ${reader.at}`);
  return path;
}

/** From `$` or `@` on, as far as tokens go. */
export function readPath(reader: PathReader): Path {
  const root = reader.take('$')
    ? '$'
    : reader.take('@')
      ? '@'
      : reader.fail("Path must start with '$' or '@'");
  const tokens: Token[] = [];
  for (;;) {
    if (reader.take('..')) {
      tokens.push({ kind: 'scan' });
      tokens.push(reader.char() === '[' ? readBrackets(reader) : readName(reader));
    } else if (reader.char() === '[') tokens.push(readBrackets(reader));
    else if (reader.take('.')) tokens.push(reader.char() === '[' ? readBrackets(reader) : readName(reader));
    else return { root, tokens };
  }
}

/** In filters a name also ends where an operator, a comma or the filter does. */
const NAME = /[^.[(\s]+/y;
const FILTER_NAME = /[^.[(\s<>=~!)&|,]+/y;

function readName(reader: PathReader): Token {
  if (reader.take('*')) return { kind: 'wildcard' };
  const name = reader.match(reader.inFilter ? FILTER_NAME : NAME);
  if (name === undefined) return reader.fail(`Could not parse token starting at position ${reader.at}`);
  if (!reader.take('(')) {
    if (!reader.inFilter && reader.char() === ' ')
      reader.fail("Use bracket notion ['my prop'] if your property contains blank characters");
    return { kind: 'property', names: [name] };
  }
  if (!FUNCTION_NAMES.has(name)) reader.fail(`Function with name: ${name} does not exist.`);
  return { kind: 'function', name, parameters: readParameters(reader, name) };
}

/** JSON values and paths, separated by commas. */
function readParameters(reader: PathReader, name: string): Parameter[] {
  const parameters: Parameter[] = [];
  for (;;) {
    reader.blanks();
    if (reader.take(')')) return parameters;
    if (reader.atEnd) reader.fail(`Arguments to function: '${name}' are not closed properly.`);
    if (reader.char() === '$' || reader.char() === '@') {
      const outer = reader.inFilter;
      reader.inFilter = true;
      parameters.push({ kind: 'path', path: readPath(reader) });
      reader.inFilter = outer;
    } else parameters.push({ kind: 'value', value: readJson(reader) });
    reader.blanks();
    if (!reader.take(',') && reader.char() !== ')')
      reader.fail(`Arguments to function: '${name}' are not valid`);
  }
}

/** A JSON literal, single quotes allowed. */
export function readJson(reader: PathReader): unknown {
  const text = reader.balanced();
  try {
    return parseLenientJson(text);
  } catch {
    return reader.fail(`${text} is not JSON`);
  }
}

function readBrackets(reader: PathReader): Token {
  const at = reader.at;
  reader.take('[');
  reader.blanks();
  const token =
    readProperties(reader) ?? readFilterToken(reader) ?? readWildcard(reader) ?? readIndexes(reader);
  if (token === undefined || !reader.take(']'))
    return reader.fail(`Could not parse token starting at position ${at}. Expected ?, ', 0-9, * `);
  return token;
}

function readProperties(reader: PathReader): Token | undefined {
  if (reader.char() !== "'" && reader.char() !== '"') return undefined;
  const names: string[] = [];
  do {
    reader.blanks();
    names.push(reader.quoted());
    reader.blanks();
  } while (reader.take(','));
  return { kind: 'property', names };
}

function readWildcard(reader: PathReader): Token | undefined {
  if (!reader.take('*')) return undefined;
  reader.blanks();
  return { kind: 'wildcard' };
}

function readIndexes(reader: PathReader): Token | undefined {
  const slice = reader.match(/\s*(-?\d+)?\s*:\s*(-?\d+)?\s*(?=\])/y);
  if (slice !== undefined) {
    const [from = '', to = ''] = slice.split(':').map((part) => part.trim());
    if (from === '' && to === '') return reader.fail('Failed to parse SliceOperation: :');
    return { kind: 'slice', from: from === '' ? null : Number(from), to: to === '' ? null : Number(to) };
  }
  const indexes = reader.match(/\s*-?\d+\s*(?:,\s*-?\d+\s*)*(?=\])/y);
  return indexes === undefined ? undefined : { kind: 'index', indexes: indexes.split(',').map(Number) };
}

function readFilterToken(reader: PathReader): Token | undefined {
  if (!reader.take('?')) return undefined;
  reader.blanks();
  if (reader.char() !== '(') return reader.fail('Placeholders for filters are not supported');
  const outer = reader.inFilter;
  reader.inFilter = true;
  const filter = readFilter(reader);
  reader.inFilter = outer;
  reader.blanks();
  return { kind: 'filter', filter };
}
