/** Document paths: parsing, reading, writing, and the projection expression made of them. */
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { define, type Item, own } from '../attribute-value.ts';
import type { DocumentPath } from './ast.ts';
import { printPath } from './ast.ts';
import type { Placeholders } from './names-and-values.ts';
import { isReservedWord } from './reserved-words.ts';
import { TokenReader } from './tokens.ts';

export function parsePath(reader: TokenReader, placeholders: Placeholders): DocumentPath {
  const parts: [string, ...(string | number)[]] = [parseName(reader, placeholders)];
  for (;;) {
    if (reader.take('.')) parts.push(parseName(reader, placeholders));
    else if (reader.take('[')) {
      const index = reader.next();
      if (index.kind !== 'number') throw reader.syntaxError(index);
      reader.expect(']');
      parts.push(Number(index.text));
    } else return parts;
  }
}

function parseName(reader: TokenReader, placeholders: Placeholders): string {
  const token = reader.next();
  if (token.kind === 'name') return placeholders.name(token.text, reader.label);
  if (token.kind !== 'word') throw reader.syntaxError(token);
  if (isReservedWord(token.text)) {
    throw reader.fault(`Attribute name is a reserved keyword; reserved keyword: ${token.text}`);
  }
  return token.text;
}

export function parseProjection(source: string, placeholders: Placeholders): DocumentPath[] {
  const reader = new TokenReader('ProjectionExpression', source);
  const paths = [parsePath(reader, placeholders)];
  while (reader.take(',')) paths.push(parsePath(reader, placeholders));
  reader.expectEnd();
  refuseOverlap(paths, reader);
  return paths;
}

/** Two paths of which one holds the other cannot both be answered or written. */
export function refuseOverlap(paths: readonly DocumentPath[], reader: TokenReader): void {
  paths.forEach((one, index) => {
    for (const other of paths.slice(index + 1)) {
      const shared = Math.min(one.length, other.length);
      const differs = one.slice(0, shared).findIndex((part, at) => part !== other[at]);
      const pair = `path one: ${printPath(one)}, path two: ${printPath(other)}`;
      if (differs === -1)
        throw reader.fault(
          `Two document paths overlap with each other; must remove or rewrite one of these paths; ${pair}`,
        );
      if (typeof one[differs] !== typeof other[differs])
        throw reader.fault(
          `Two document paths conflict with each other; must remove or rewrite one of these paths; ${pair}`,
        );
    }
  });
}

export function readPath(item: Item, path: DocumentPath): AttributeValue | undefined {
  let value: AttributeValue | undefined = { M: item };
  for (const part of path) value = typeof part === 'number' ? value?.L?.[part] : own(value?.M ?? {}, part);
  return value;
}

/** A copy of `item` that holds only what the paths name; elements of a list close up. */
export function project(item: Item, paths: readonly DocumentPath[]): Item {
  const picked: Record<string, AttributeValue> = {};
  const byName = new Map<string, DocumentPath[]>();
  for (const path of paths) byName.set(path[0], [...(byName.get(path[0]) ?? []), path]);
  for (const [name, named] of byName) {
    const value = pick(
      own(item, name),
      named.map((path) => path.slice(1)),
    );
    if (value) define(picked, name, value);
  }
  return picked;
}

function pick(
  value: AttributeValue | undefined,
  rests: readonly (readonly (string | number)[])[],
): AttributeValue | undefined {
  if (!value || rests.some((rest) => rest.length === 0)) return value;
  const heads = [...new Set(rests.map((rest) => rest[0]))];
  const below = (head: string | number | undefined) =>
    rests.filter((rest) => rest[0] === head).map((rest) => rest.slice(1));
  if (value.L) {
    const { L } = value;
    const indexes = heads.filter((head) => typeof head === 'number').sort((a, b) => a - b);
    const elements = indexes
      .map((index) => pick(L[index], below(index)))
      .filter((element) => element !== undefined);
    return elements.length > 0 ? { L: elements } : undefined;
  }
  if (!value.M) return undefined;
  const picked: Record<string, AttributeValue> = {};
  for (const head of heads) {
    if (typeof head !== 'string') continue;
    const inner = pick(own(value.M, head), below(head));
    if (inner) define(picked, head, inner);
  }
  return Object.keys(picked).length > 0 ? { M: picked } : undefined;
}
