/**
 * Step 1: text to template. YAML with CloudFormation's short forms, or JSON.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-formats.html
 */
import {
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type Pair,
  parseDocument,
  type Scalar,
} from 'yaml';
import { Fault } from '../base/fault.ts';
import { invalid } from './invalid.ts';
import type { Json, JsonObject, Locate, Path, Place } from './template.ts';

export interface ReadTemplate {
  readonly value: JsonObject;
  readonly format: 'JSON' | 'YAML';
  /** Where the nearest part that stands in the text begins. */
  readonly locate: Locate;
}

export function readTemplate(text: string): ReadTemplate {
  return text.trimStart().startsWith('{') ? readJson(text) : readYaml(text);
}

function readJson(text: string): ReadTemplate {
  const value = parseJson(text);
  let locate: Locate | undefined;
  return {
    value,
    format: 'JSON',
    // JSON is YAML: the slower reader is asked only when somebody needs a line.
    locate: (path) => {
      locate ??= readYaml(text).locate;
      return locate(path);
    },
  };
}

function parseJson(text: string): JsonObject {
  try {
    return asObject(JSON.parse(text));
  } catch (thrown) {
    if (thrown instanceof Fault) throw thrown;
    const counter = new LineCounter();
    const offset = parseDocument(text, { lineCounter: counter, ...PARSE }).errors[0]?.pos[0];
    throw notWellFormed('JSON', offset === undefined ? undefined : placeAt(counter, offset));
  }
}

const PARSE = { schema: 'failsafe', version: '1.1', uniqueKeys: true, prettyErrors: false } as const;

function readYaml(text: string): ReadTemplate {
  const counter = new LineCounter();
  const document = parseDocument<Node>(text, { ...PARSE, lineCounter: counter });
  const error = document.errors[0];
  if (error) throw notWellFormed('YAML', placeAt(counter, error.pos[0]), error.message);
  const fail = (node: Node, message: string): Fault =>
    invalid(`Template format error: ${message}${placeText(counter, node)}`);
  const root = document.contents as Node | null; // parseDocument types contents loosely
  return {
    value: asObject(root === null ? null : toJson(root, fail)),
    format: 'YAML',
    locate: (path) => locateIn(root, path, counter),
  };
}

type Refuse = (node: Node, message: string) => Fault;

function toJson(node: Node, fail: Refuse): Json {
  if (isAlias(node)) throw fail(node, 'YAML aliases are not allowed in CloudFormation templates');
  const value = isScalar(node)
    ? scalarValue(node)
    : isSeq(node)
      ? sequence(node.items, fail)
      : mapping(node, fail);
  return node.tag?.startsWith('!') && !node.tag.startsWith('!!') ? tagged(node, value, fail) : value;
}

const sequence = (items: unknown[], fail: Refuse): Json[] => items.map((item) => toJson(item as Node, fail)); // a parsed sequence holds nodes

function mapping(node: Node, fail: Refuse): JsonObject {
  const object: JsonObject = {};
  if (!isMap(node)) throw fail(node, 'unsupported structure.');
  for (const pair of node.items) {
    const { key, value } = pair as Pair<Node, Node | null>; // a parsed map holds pairs of nodes
    if (!isScalar(key)) throw fail(key, '[/] map keys must be strings.');
    object[String(key.source ?? key.value ?? 'null')] = value === null ? null : toJson(value, fail);
  }
  return object;
}

const TAGS = new Set(
  [
    'And Base64 Cidr Contains EachMemberEquals EachMemberIn Equals FindInMap GetAZs If ImportValue Join',
    'Length Not Or RefAll Select Split Sub ToJsonString Transform ValueOf ValueOfAll ForEach GetStackOutput',
  ].flatMap((line) => line.split(' ')),
);

function tagged(node: Node, value: Json, fail: Refuse): Json {
  const name = (node.tag ?? '').slice(1);
  if (name === 'Ref' || name === 'Condition') return { [name]: value };
  if (name === 'GetAtt') return { 'Fn::GetAtt': attributePath(value) };
  if (TAGS.has(name)) return { [`Fn::${name}`]: value };
  throw fail(node, `the tag !${name} is not one of CloudFormation's.`);
}

/** `A.B.C` is attribute `B.C` of resource `A`. */
export function attributePath(value: Json): Json {
  if (typeof value !== 'string') return value;
  const dot = value.indexOf('.');
  return dot < 0 ? [value] : [value.slice(0, dot), value.slice(dot + 1)];
}

const NULL = /^(~|null|Null|NULL|)$/;
const TRUE = /^(true|True|TRUE|yes|Yes|YES|on|On|ON)$/;
const FALSE = /^(false|False|FALSE|no|No|NO|off|Off|OFF)$/;
const NUMBER = /^[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?$/;

/**
 * Plain words become values as in YAML 1.1, without timestamps, binary and sexagesimal numbers. A number that would
 * not be written the same again (`012345678901`, `1.0`) stays text: account ids and versions must not change.
 */
function scalarValue(node: Scalar): Json {
  const text = String(node.value ?? '');
  if (node.type !== 'PLAIN' || node.tag !== undefined) return text;
  const source = node.source ?? text;
  if (NULL.test(source)) return null;
  if (TRUE.test(source)) return true;
  if (FALSE.test(source)) return false;
  if (NUMBER.test(source) && String(Number(source)) === source) return Number(source);
  return source;
}

function locateIn(root: Node | null, path: Path, counter: LineCounter): Place | undefined {
  let node: Node | null = root;
  let found: number | undefined;
  for (const step of path) {
    if (
      node?.tag?.startsWith('!') &&
      (step === 'Ref' || step === 'Condition' || String(step).startsWith('Fn::'))
    )
      continue;
    const next = childOf(node, step);
    if (next === undefined) break;
    found = next.offset;
    node = next.node;
  }
  return found === undefined ? undefined : placeAt(counter, found);
}

function childOf(
  node: Node | null,
  step: string | number,
): { node: Node | null; offset: number } | undefined {
  if (isSeq(node)) {
    const item = node.items[Number(step)] as Node | undefined; // a parsed sequence holds nodes
    return item?.range ? { node: item, offset: item.range[0] } : undefined;
  }
  if (!isMap(node)) return undefined;
  for (const pair of node.items) {
    const { key, value } = pair as Pair<Node, Node | null>; // a parsed map holds pairs of nodes
    if (isScalar(key) && String(key.value) === String(step) && key.range)
      return { node: value, offset: key.range[0] };
  }
  return undefined;
}

function placeAt(counter: LineCounter, offset: number): Place {
  const { line, col } = counter.linePos(offset);
  return { line, column: col };
}

function placeText(counter: LineCounter, node: Node): string {
  if (!node.range) return '';
  const place = placeAt(counter, node.range[0]);
  return ` (line ${place.line}, column ${place.column})`;
}

function asObject(value: Json): JsonObject {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
  if (value === null) throw invalid('Template format error: At least one Resources member must be defined.');
  throw invalid('Template format error: unsupported structure.');
}

function notWellFormed(format: string, place: Place | undefined, why?: string): Fault {
  const where = place ? ` (line ${place.line}, column ${place.column})` : '';
  return invalid(`Template format error: ${format} not well-formed.${where}${why ? `: ${why}` : ''}`);
}
