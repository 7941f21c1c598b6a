/**
 * XML text to elements. Small on purpose: no DTD, hence no entities of a document's own, and no network; numbers
 * stay the text they are.
 */
import { Malformed } from './malformed.ts';
import { limits } from '../../base/limits.ts';

export interface Element {
  /** Without its namespace prefix. */
  readonly name: string;
  /** With their prefixes, as written. */
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly Element[];
  /** All character data directly inside, joined. */
  readonly text: string;
}

interface OpenElement {
  readonly name: string;
  readonly qualified: string;
  readonly attributes: Record<string, string>;
  readonly children: Element[];
  text: string;
}

const NAME = /[^\s/>=<&"']+/y;
const ATTRIBUTE = /\s+([^\s/>=<&"']+)\s*=\s*("([^"<]*)"|'([^'<]*)')/y;
const TAG_END = /\s*(\/?)>/y;

/** The root element of `xml`. Throws Malformed when it is not well formed. */
export function parseXml(xml: string): Element {
  const stack: OpenElement[] = [];
  let root: Element | undefined;
  let at = xml.charCodeAt(0) === 0xfeff ? 1 : 0;
  while (at < xml.length) {
    const tag = xml.indexOf('<', at);
    addText(stack, xml.slice(at, tag === -1 ? xml.length : tag));
    if (tag === -1) break;
    at = skipMarkup(xml, tag, stack);
    if (at !== tag) continue;
    if (xml[tag + 1] === '/') {
      at = after(xml, '>', tag);
      const closed = close(stack, xml.slice(tag + 2, at - 1).trimEnd());
      if (stack.length === 0) root = only(root, closed);
      continue;
    }
    const opened = open(xml, tag);
    at = opened.end;
    if (opened.empty) {
      place(stack, opened.element);
      if (stack.length === 0) root = only(root, opened.element);
    } else {
      if (stack.length >= limits.wireNesting) throw broken('nested too deeply');
      stack.push(opened.element);
    }
  }
  if (root === undefined || stack.length > 0) throw broken('the document ended inside an element');
  return root;
}

/** Steps over comments, CDATA (whose text counts) and processing instructions; `tag` itself when there is none. */
function skipMarkup(xml: string, tag: number, stack: readonly OpenElement[]): number {
  if (xml.startsWith('<!--', tag)) return after(xml, '-->', tag);
  if (xml.startsWith('<?', tag)) return after(xml, '?>', tag);
  if (xml.startsWith('<![CDATA[', tag)) {
    const end = after(xml, ']]>', tag);
    const element = stack.at(-1);
    if (element !== undefined) element.text += xml.slice(tag + 9, end - 3);
    return end;
  }
  if (xml.startsWith('<!', tag)) throw broken('document type declarations are not taken');
  return tag;
}

function open(xml: string, tag: number): { element: OpenElement; empty: boolean; end: number } {
  NAME.lastIndex = tag + 1;
  const name = NAME.exec(xml);
  if (name === null) throw broken('an element without a name');
  const attributes: Record<string, string> = {};
  let at = NAME.lastIndex;
  for (;;) {
    ATTRIBUTE.lastIndex = at;
    const attribute = ATTRIBUTE.exec(xml);
    if (attribute === null) break;
    attributes[attribute[1] ?? ''] = decodeEntities(attribute[3] ?? attribute[4] ?? '');
    at = ATTRIBUTE.lastIndex;
  }
  TAG_END.lastIndex = at;
  const end = TAG_END.exec(xml);
  if (end === null) throw broken(`the tag <${name[0]} is not closed`);
  const element = { name: localName(name[0]), qualified: name[0], attributes, children: [], text: '' };
  return { element, empty: end[1] === '/', end: TAG_END.lastIndex };
}

function close(stack: OpenElement[], qualified: string): Element {
  const element = stack.pop();
  if (element?.qualified !== qualified) throw broken(`</${qualified}> closes nothing`);
  place(stack, element);
  return element;
}

function place(stack: readonly OpenElement[], element: Element): void {
  stack.at(-1)?.children.push(element);
}

function only(root: Element | undefined, element: Element): Element {
  if (root !== undefined) throw broken('more than one root element');
  return element;
}

function addText(stack: readonly OpenElement[], text: string): void {
  const element = stack.at(-1);
  if (element !== undefined) element.text += decodeEntities(text);
  else if (text.trim() !== '') throw broken('text outside the root element');
}

function after(xml: string, mark: string, from: number): number {
  const found = xml.indexOf(mark, from);
  if (found === -1) throw broken(`no ${mark}`);
  return found + mark.length;
}

const localName = (qualified: string): string => qualified.slice(qualified.indexOf(':') + 1);

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

function decodeEntities(text: string): string {
  if (!text.includes('&')) return text.includes('\r') ? text.replace(/\r\n?/g, '\n') : text;
  return text.replace(/\r\n?/g, '\n').replace(/&([^;\s]*;?)/g, (whole, body: string) => {
    if (!body.endsWith(';')) throw broken(`${whole} is no entity`);
    const name = body.slice(0, -1);
    if (!name.startsWith('#')) return known(name);
    const code = name[1] === 'x' ? Number.parseInt(name.slice(2), 16) : Number(name.slice(1));
    if (!(code > 0 && code <= 0x10ffff)) throw broken(`${whole} is no character`);
    return String.fromCodePoint(code);
  });
}

function known(name: string): string {
  const text = Object.hasOwn(ENTITIES, name) ? ENTITIES[name] : undefined;
  if (text === undefined) throw broken(`&${name}; is no entity`);
  return text;
}

const broken = (text: string): Malformed => new Malformed({ kind: 'syntax', text });
