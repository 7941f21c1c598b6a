/** Queries of an API, parsed and validated once; the least recently used are forgotten. */
import {
  type DocumentNode,
  GraphQLError,
  type GraphQLSchema,
  Kind,
  NoSchemaIntrospectionCustomRule,
  parse,
  Source,
  specifiedRules,
  TokenKind,
  Lexer,
  validate,
  visit,
} from 'graphql';
import { limits } from '../base/limits.ts';
import type { GraphqlApiDocument } from './config.ts';
import { validationMessage } from './validation-messages.ts';

export interface Parsed {
  readonly document: DocumentNode | undefined;
  /** As they stand in an answer. */
  readonly errors: readonly AnswerError[];
}

export interface AnswerError {
  readonly path: readonly (string | number)[] | null;
  readonly data?: unknown;
  readonly errorType?: string | null;
  readonly errorInfo?: unknown;
  readonly locations:
    | readonly { readonly line: number; readonly column: number; readonly sourceName: null }[]
    | null;
  readonly message: string;
}

export function createDocuments(schema: GraphQLSchema, api: GraphqlApiDocument) {
  const known = new Map<string, Parsed>();
  return (text: string): Parsed => {
    let parsed = known.get(text);
    if (parsed !== undefined) known.delete(text);
    else parsed = read(schema, api, text);
    known.set(text, parsed);
    for (const oldest of known.keys()) {
      if (known.size <= limits.appsyncDocumentsKept) break;
      known.delete(oldest);
    }
    return parsed;
  };
}

function read(schema: GraphQLSchema, api: GraphqlApiDocument, text: string): Parsed {
  const refused = (
    message: string,
    errorType: string,
    locations: AnswerError['locations'] = null,
  ): Parsed => ({
    document: undefined,
    errors: [{ path: null, data: null, errorType, errorInfo: null, locations, message }],
  });
  if (countTokens(text) > limits.appsyncQueryTokens)
    return refused('Maximum char length exceeded', 'BadRequestException');
  let document: DocumentNode;
  try {
    document = parse(text, { maxTokens: limits.appsyncQueryTokens });
  } catch (thrown) {
    if (!(thrown instanceof GraphQLError)) throw thrown;
    return refused(
      `Unable to parse GraphQL query. ${thrown.message}`,
      'MalformedHttpRequestException',
      placesOf(thrown),
    );
  }
  const depth = depthOf(document);
  const most = api.queryDepthLimit || MOST_DEPTH;
  if (depth > most)
    return refused(
      `Query depth ${depth} exceeds the maximum allowed depth of ${most}`,
      'QueryDepthLimitReached',
    );
  const rules = api.introspection ? specifiedRules : [...specifiedRules, NoSchemaIntrospectionCustomRule];
  const errors = validate(schema, document, rules, { maxErrors: 100 });
  if (errors.length === 0) return { document, errors: [] };
  return {
    document: undefined,
    errors: errors.map((error) => ({
      path: null,
      locations: placesOf(error),
      message: validationMessage(error, document),
    })),
  };
}

/** https://docs.aws.amazon.com/appsync/latest/APIReference/API_CreateGraphqlApi.html: 75 is the most that can be asked for. */
const MOST_DEPTH = 75;

function countTokens(text: string): number {
  const lexer = new Lexer(new Source(text));
  let count = 0;
  try {
    while (lexer.advance().kind !== TokenKind.EOF) if (++count > limits.appsyncQueryTokens) break;
  } catch {
    return count; // parsing tells what is wrong
  }
  return count;
}

/** Levels of fields, fragments included; one that contains itself is refused by validation. */
function depthOf(document: DocumentNode): number {
  const fragments = new Map(
    document.definitions.flatMap((each) =>
      each.kind === Kind.FRAGMENT_DEFINITION ? [[each.name.value, each] as const] : [],
    ),
  );
  const measured = new Map<string, number>();
  type Selections = { readonly selectionSet?: { readonly selections: readonly unknown[] } | undefined };
  const measure = (node: Selections, path: ReadonlySet<string>): number => {
    let deepest = 0;
    for (const selection of node.selectionSet?.selections ?? []) {
      const each = selection as Selections & {
        readonly kind: string;
        readonly name?: { readonly value: string };
      };
      if (each.kind === Kind.FRAGMENT_SPREAD) {
        const name = each.name?.value ?? '';
        const fragment = fragments.get(name);
        if (fragment === undefined || path.has(name)) continue;
        const depth = measured.get(name) ?? measure(fragment, new Set([...path, name]));
        measured.set(name, depth);
        deepest = Math.max(deepest, depth);
      } else deepest = Math.max(deepest, measure(each, path) + (each.kind === Kind.FIELD ? 1 : 0));
    }
    return deepest;
  };
  return Math.max(
    0,
    ...document.definitions.map((each) =>
      each.kind === Kind.OPERATION_DEFINITION ? measure(each, new Set()) : 0,
    ),
  );
}

export const placesOf = (error: GraphQLError): AnswerError['locations'] =>
  error.locations?.map(({ line, column }) => ({ line, column, sourceName: null })) ?? null;

/** The path of a node among the fields of its operation, as error texts name it. */
export function fieldPath(document: DocumentNode, node: unknown): string {
  const path: string[] = [];
  let found = '';
  visit(document, {
    enter(each) {
      if (each.kind === Kind.FIELD) path.push(each.name.value);
      if (each === node) found = path.join('/');
    },
    leave(each) {
      if (each.kind === Kind.FIELD) path.pop();
    },
  });
  return found;
}
