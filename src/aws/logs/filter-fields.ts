/** Space-delimited patterns: `[ip, user, ..., status=4*, bytes > 1000 && bytes < 2000]`. */
import { readComparison, readOperator, type Test } from './filter-comparison.ts';
import { createScanner, invalidPattern, type Scanner } from './filter-scanner.ts';

interface Field {
  readonly name: string;
  readonly test: Test;
}

export interface FieldsPattern {
  matches(message: string): boolean;
  extract(message: string): Record<string, string>;
}

const NAME = /[A-Za-z_][\w-]*/;
const WORD = /[^\s",&|()[\]%]+/;

export function compileFieldsPattern(text: string): FieldsPattern {
  const scanner = createScanner(text);
  scanner.expect('[');
  const fields: (Field | '...')[] = [];
  while (!scanner.take(']')) {
    if (fields.length > 0) scanner.expect(',');
    fields.push(scanner.take('...') ? '...' : readField(scanner, fields.length + 1));
    if (scanner.done()) throw invalidPattern();
  }
  if (!scanner.done()) throw invalidPattern();
  const place = compilePlaces(fields);
  return {
    matches: (message) =>
      place(splitFields(message))?.every(({ field, value }) => field.test(value)) ?? false,
    extract: (message) =>
      Object.fromEntries(
        (place(splitFields(message)) ?? []).map(({ field, value }) => [`$${field.name}`, value]),
      ),
  };
}

/** A name, conditions on it, or both; a field may also be left empty. */
function readField(scanner: Scanner, position: number): Field {
  let name: string | undefined;
  const readCondition = (): Test => {
    if (scanner.take('(')) {
      const inner = readAny();
      scanner.expect(')');
      return inner;
    }
    const given = scanner.match(NAME);
    name ??= given;
    if (given !== name) throw invalidPattern();
    const operator = readOperator(scanner);
    return operator === undefined ? () => true : readComparison(scanner, operator, WORD);
  };
  const readAll = (): Test => {
    const tests = [readCondition()];
    while (scanner.take('&&')) tests.push(readCondition());
    return (value) => tests.every((test) => test(value));
  };
  const readAny = (): Test => {
    const tests = [readAll()];
    while (scanner.take('||')) tests.push(readAll());
    return (value) => tests.some((test) => test(value));
  };
  const test = readAny();
  return { name: name ?? String(position), test };
}

interface Placed {
  readonly field: Field;
  readonly value: string;
}

/** Which value each field gets: as many values as fields, unless one `...` stands for any number of them. */
function compilePlaces(
  fields: readonly (Field | '...')[],
): (values: readonly string[]) => Placed[] | undefined {
  const gap = fields.indexOf('...');
  const named = fields.filter((field): field is Field => field !== '...');
  if (fields.length - named.length > 1) throw invalidPattern();
  // `[]` names nothing, so nothing can be missing.
  if (fields.length === 0) return () => [];
  const before = gap < 0 ? named.length : gap;
  return (values) => {
    if (gap < 0 ? values.length !== named.length : values.length < named.length) return undefined;
    const shift = values.length - named.length;
    return named.map((field, at) => ({ field, value: values[at < before ? at : at + shift] ?? '' }));
  };
}

/** Fields are parted by spaces; brackets and double quotes hold one together. */
function splitFields(message: string): string[] {
  return [...message.matchAll(/\[([^\]]*)\]|"((?:[^"\\]|\\[^])*)"|(\S+)/g)].map(
    ([, bracketed, quoted, plain]) => bracketed ?? quoted ?? plain ?? '',
  );
}
