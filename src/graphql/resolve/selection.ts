/** `ctx.info` of a field. What follows from the document alone is worked out once for its nodes. */
import { type FieldNode, type GraphQLResolveInfo, print, type SelectionSetNode } from 'graphql';
import type { ResolverContext } from '../effects.ts';

interface Selection {
  readonly list: readonly string[];
  readonly text: string;
}

const known = new WeakMap<FieldNode, Selection>();

export function infoOf(info: GraphQLResolveInfo): ResolverContext['info'] {
  const [node] = info.fieldNodes;
  let selection = node && known.get(node);
  if (selection === undefined) {
    selection = selectionOf(info);
    if (node !== undefined) known.set(node, selection);
  }
  return {
    fieldName: info.fieldName,
    parentTypeName: info.parentType.name,
    variables: variablesOf(info),
    selectionSetList: selection.list,
    selectionSetGraphQL: selection.text,
  };
}

/** In graphql 17 the values stand beside where they came from. */
function variablesOf({ variableValues }: GraphQLResolveInfo): Readonly<Record<string, unknown>> {
  const given = variableValues as unknown as {
    readonly coerced?: Readonly<Record<string, unknown>>;
  } & Readonly<Record<string, unknown>>;
  return given.coerced ?? given;
}

function selectionOf({ fieldNodes, fragments }: GraphQLResolveInfo): Selection {
  const list: string[] = [];
  const walk = (set: SelectionSetNode | undefined, prefix: string): void => {
    for (const selection of set?.selections ?? []) {
      if (selection.kind === 'Field') {
        const path = `${prefix}${(selection.alias ?? selection.name).value}`;
        if (!list.includes(path)) list.push(path);
        walk(selection.selectionSet, `${path}/`);
      } else if (selection.kind === 'InlineFragment') walk(selection.selectionSet, prefix);
      else walk(fragmentOf(fragments[selection.name.value]), prefix);
    }
  };
  for (const node of fieldNodes) walk(node.selectionSet, '');
  const [first] = fieldNodes;
  return { list, text: first?.selectionSet === undefined ? '' : print(first.selectionSet) };
}

/** graphql 17 wraps fragments with their variables. */
function fragmentOf(fragment: unknown): SelectionSetNode | undefined {
  const given = fragment as
    | {
        readonly selectionSet?: SelectionSetNode;
        readonly definition?: { readonly selectionSet?: SelectionSetNode };
      }
    | undefined;
  return given?.selectionSet ?? given?.definition?.selectionSet;
}
