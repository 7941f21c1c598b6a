/**
 * AWS query forms (`Filter.1.Value.2=x`) to SDK values: https://smithy.io/2.0/aws/protocols/aws-query-protocol.html
 * and https://smithy.io/2.0/aws/protocols/aws-ec2-query-protocol.html
 */
import { limits } from '../../base/limits.ts';
import type { ListShape, MapShape, Member, Shape, StructureShape } from '../schema.ts';
import type { Pair } from './form.ts';
import { Malformed } from './malformed.ts';
import { setKey, type PlainObject } from './record.ts';
import { textReader } from './text.ts';

interface Node {
  value: string | undefined;
  readonly children: Map<string, Node>;
}

export type QueryDialect = 'awsQuery' | 'ec2Query';
type ReadNode = (node: Node) => unknown;

export function queryReader(shape: Shape, dialect: QueryDialect): (pairs: readonly Pair[]) => unknown {
  const read = createReaders(dialect)(shape);
  return (pairs) => read(treeOf(pairs));
}

function treeOf(pairs: readonly Pair[]): Node {
  const root: Node = { value: undefined, children: new Map() };
  for (const [name, value] of pairs) {
    const path = name.split('.');
    if (path.length > limits.wireNesting) throw new Malformed({ kind: 'syntax', text: 'nested too deeply' });
    let node = root;
    for (const part of path) {
      let child = node.children.get(part);
      if (child === undefined) {
        child = { value: undefined, children: new Map() };
        node.children.set(part, child);
      }
      node = child;
    }
    node.value = value;
  }
  return root;
}

function createReaders(dialect: QueryDialect): (shape: Shape) => ReadNode {
  const ec2 = dialect === 'ec2Query';
  const readers = new Map<Shape, ReadNode>();

  function reader(shape: Shape): ReadNode {
    let found = readers.get(shape);
    if (found === undefined) {
      found = compile(shape);
      readers.set(shape, found);
    }
    return found;
  }

  function compile(shape: Shape): ReadNode {
    switch (shape.kind) {
      case 'structure':
        return readStructure(shape);
      case 'list':
        return readList(shape);
      case 'map':
        return readMap(shape);
      default: {
        const read = textReader(shape);
        return (node) => read(node.value ?? '');
      }
    }
  }

  function readStructure(shape: StructureShape): ReadNode {
    const members = shape.members.map((member) => ({ name: member.name, key: keyOf(member, ec2), member }));
    return (node) => {
      const result: PlainObject = {};
      for (const { name, key, member } of members) {
        const child = node.children.get(key);
        if (child !== undefined) result[name] = reader(member.target)(child);
      }
      return result;
    };
  }

  function readList(shape: ListShape): ReadNode {
    const itemName = shape.member.traits.xmlName ?? 'member';
    return (node) => {
      const read = reader(shape.member.target);
      return numbered(node.children.get(itemName) ?? node.children.get('member') ?? node).map(read);
    };
  }

  function readMap(shape: MapShape): ReadNode {
    const keyName = shape.key.traits.xmlName ?? 'key';
    const valueName = shape.value.traits.xmlName ?? 'value';
    return (node) => {
      const read = reader(shape.value.target);
      const result: PlainObject = {};
      for (const entry of numbered(node.children.get('entry') ?? node)) {
        const value = entry.children.get(valueName);
        if (value !== undefined) setKey(result, entry.children.get(keyName)?.value ?? '', read(value));
      }
      return result;
    };
  }

  return reader;
}

/** EC2 names parameters with a capital letter first. */
function keyOf(member: Member, ec2: boolean): string {
  if (ec2 && member.traits.ec2QueryName !== undefined) return member.traits.ec2QueryName;
  const name = member.traits.xmlName ?? member.name;
  return ec2 ? name.charAt(0).toUpperCase() + name.slice(1) : name;
}

/** `X.1`, `X.2`, ... in the order of their numbers; an empty list is sent as `X=`. */
function numbered(node: Node): Node[] {
  const items: [number, Node][] = [];
  for (const [key, child] of node.children) if (/^\d+$/.test(key)) items.push([Number(key), child]);
  return items.toSorted(([a], [b]) => a - b).map(([, child]) => child);
}
