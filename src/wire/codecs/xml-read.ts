/** XML elements to SDK values, compiled once per shape: https://smithy.io/2.0/spec/protocol-traits.html#xml-bindings */
import type { ListShape, MapShape, Member, Shape, StructureShape } from '../schema.ts';
import { Malformed } from './malformed.ts';
import { setKey, type PlainObject } from './record.ts';
import { textReader } from './text.ts';
import type { Element } from './xml-document.ts';

/** Flattened lists and maps are read from all elements of their name, everything else from the first. */
export type ReadElements = (elements: readonly Element[]) => unknown;

const readers = new WeakMap<Shape, ReadElements>();
const flatReaders = new WeakMap<Shape, ReadElements>();

function xmlReader(shape: Shape): ReadElements {
  let reader = readers.get(shape);
  if (reader === undefined) {
    reader = compile(shape);
    readers.set(shape, reader);
  }
  return reader;
}

/** Reads a root element, or the element an HTTP payload is made of. */
export const readXml = (shape: Shape, root: Element): unknown => xmlReader(shape)([root]);

function compile(shape: Shape): ReadElements {
  switch (shape.kind) {
    case 'list':
      return readList(shape);
    case 'map':
      return readMap(shape);
    case 'structure':
      return readStructure(shape);
    default: {
      const read = textReader(shape);
      const trims = shape.kind !== 'string';
      return (elements) => read(trims ? textOf(elements).trim() : textOf(elements));
    }
  }
}

const textOf = (elements: readonly Element[]): string => elements[0]?.text ?? '';

function memberReader(member: Member): ReadElements {
  let reader: ReadElements | undefined;
  return (elements) => {
    reader ??= isFlat(member) ? flatReader(member.target) : xmlReader(member.target);
    return reader(elements);
  };
}

export const isFlat = (member: Member): boolean =>
  member.traits.xmlFlattened === 1 || member.target.traits.xmlFlattened === 1;

export const xmlNameOf = (member: Member): string => member.traits.xmlName ?? member.name;

function readStructure(shape: StructureShape): ReadElements {
  const byName = new Map(shape.members.map((member) => [xmlNameOf(member), slot(member)]));
  const attributes = shape.members.filter((member) => member.traits.xmlAttribute === 1);
  return (elements) => {
    const element = elements[0];
    const result: PlainObject = {};
    if (element === undefined) return result;
    const groups = new Map<string, Element[]>();
    for (const child of element.children) {
      const group = groups.get(child.name);
      if (group === undefined) groups.set(child.name, [child]);
      else group.push(child);
    }
    for (const [name, group] of groups) {
      const found = byName.get(name);
      if (found !== undefined) result[found.name] = found.read(group);
    }
    for (const member of attributes) {
      const value = element.attributes[xmlNameOf(member)];
      if (value !== undefined) result[member.name] = textReader(member.target)(value);
    }
    return result;
  };
}

const slot = (member: Member) => ({ name: member.name, read: memberReader(member) });

function readList(shape: ListShape): ReadElements {
  const itemName = shape.member.traits.xmlName ?? 'member';
  const read = memberReader(shape.member);
  return (elements) =>
    (elements[0]?.children ?? []).filter((child) => child.name === itemName).map((item) => read([item]));
}

function readMap(shape: MapShape): ReadElements {
  const readEntries = entriesReader(shape);
  return (elements) => readEntries((elements[0]?.children ?? []).filter((child) => child.name === 'entry'));
}

function flatReader(shape: Shape): ReadElements {
  let reader = flatReaders.get(shape);
  if (reader === undefined) {
    reader = compileFlat(shape);
    flatReaders.set(shape, reader);
  }
  return reader;
}

function compileFlat(shape: Shape): ReadElements {
  if (shape.kind === 'map') return entriesReader(shape);
  if (shape.kind !== 'list') return xmlReader(shape);
  const read = memberReader(shape.member);
  return (elements) => elements.map((item) => read([item]));
}

function entriesReader(shape: MapShape): ReadElements {
  const keyName = shape.key.traits.xmlName ?? 'key';
  const valueName = shape.value.traits.xmlName ?? 'value';
  const read = memberReader(shape.value);
  return (entries) => {
    const result: PlainObject = {};
    for (const entry of entries) {
      const key = entry.children.find((child) => child.name === keyName);
      if (key === undefined) throw new Malformed({ kind: 'syntax', text: `an entry without a ${keyName}` });
      const values = entry.children.filter((child) => child.name === valueName);
      setKey(result, key.text, read(values));
    }
    return result;
  };
}
