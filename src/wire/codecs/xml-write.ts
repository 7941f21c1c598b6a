/** SDK values to XML text, compiled once per shape: https://smithy.io/2.0/spec/protocol-traits.html#xml-bindings */
import type { ListShape, MapShape, Member, Shape, StructureShape, Traits } from '../schema.ts';
import type { PlainObject } from './record.ts';
import { textWriter } from './text.ts';
import { isFlat, xmlNameOf } from './xml-read.ts';

/** Writes a value as one element of that name (a flattened list as many). */
export type WriteElement = (name: string, value: unknown) => string;

const writers = new WeakMap<Shape, WriteElement>();

export function xmlWriter(shape: Shape): WriteElement {
  let writer = writers.get(shape);
  if (writer === undefined) {
    writer = compile(shape);
    writers.set(shape, writer);
  }
  return writer;
}

/** The members of a structure, without an element around them. */
export function xmlBody(members: readonly Member[], value: unknown): string {
  let text = '';
  const source = value as PlainObject; // outputs are the SDK's shapes, by the handlers' types
  for (const member of members) {
    const found = source[member.name];
    if (found !== undefined && found !== null && member.traits.xmlAttribute !== 1)
      text += writeMember(member, found);
  }
  return text;
}

function writeMember(member: Member, value: unknown): string {
  const write = isFlat(member) ? flatWriter(member.target) : xmlWriter(member.target);
  const text = write(xmlNameOf(member), value);
  if (member.traits.xmlNamespace === undefined) return text;
  return text.replace(/^<[^\s/>]+/, (start) => start + namespaceOf(member.traits));
}

function compile(shape: Shape): WriteElement {
  switch (shape.kind) {
    case 'list':
      return writeList(shape);
    case 'map':
      return writeMap(shape);
    case 'structure':
      return writeStructure(shape);
    default: {
      const write = textWriter(shape, 'date-time');
      return (name, value) => `<${name}>${escapeXml(write(value))}</${name}>`;
    }
  }
}

function writeStructure(shape: StructureShape): WriteElement {
  const attributes = shape.members.filter((member) => member.traits.xmlAttribute === 1);
  return (name, value) => {
    const source = value as PlainObject; // as above
    let open = name;
    for (const member of attributes) {
      const found = source[member.name];
      if (found !== undefined && found !== null)
        open += ` ${xmlNameOf(member)}="${escapeXml(textWriter(member.target, 'date-time')(found))}"`;
    }
    return `<${open}>${xmlBody(shape.members, source)}</${name}>`;
  };
}

function writeList(shape: ListShape): WriteElement {
  const itemName = shape.member.traits.xmlName ?? 'member';
  return (name, value) => `<${name}>${items(shape, itemName, value)}</${name}>`;
}

function items(shape: ListShape, itemName: string, value: unknown): string {
  let text = '';
  const write = isFlat(shape.member) ? flatWriter(shape.member.target) : xmlWriter(shape.member.target);
  for (const item of value as Iterable<unknown>) // the handler's type says so
    if (item !== undefined && item !== null) text += write(itemName, item);
  return text;
}

function writeMap(shape: MapShape): WriteElement {
  return (name, value) => `<${name}>${entries(shape, 'entry', value)}</${name}>`;
}

function entries(shape: MapShape, entryName: string, value: unknown): string {
  const keyName = shape.key.traits.xmlName ?? 'key';
  const valueName = shape.value.traits.xmlName ?? 'value';
  const write = xmlWriter(shape.value.target);
  let text = '';
  for (const [key, found] of Object.entries(value as PlainObject)) {
    if (found === undefined || found === null) continue;
    text += `<${entryName}><${keyName}>${escapeXml(key)}</${keyName}>${write(valueName, found)}</${entryName}>`;
  }
  return text;
}

function flatWriter(shape: Shape): WriteElement {
  if (shape.kind === 'list') return (name, value) => items(shape, name, value);
  if (shape.kind === 'map') return (name, value) => entries(shape, name, value);
  return xmlWriter(shape);
}

/** ` xmlns:xsi="..."` for a member or shape that names a namespace. */
export function namespaceOf(traits: Traits): string {
  const namespace = traits.xmlNamespace;
  if (namespace === undefined) return '';
  const [prefix, uri] = typeof namespace === 'string' ? ['', namespace] : namespace;
  return prefix === '' ? ` xmlns="${uri}"` : ` xmlns:${prefix}="${uri}"`;
}

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\r': '&#xD;',
};

/** Carriage returns too, in S3's notation: a parser would fold them into line feeds otherwise. */
export const escapeXml = (text: string): string =>
  /[&<>"\r]/.test(text) ? text.replace(/[&<>"\r]/g, (character) => ESCAPES[character] ?? '') : text;
