/** Runs a query, mutation or the answer to a subscription's event over an API's resolvers. */
import {
  defaultFieldResolver,
  type DocumentNode,
  execute,
  getOperationAST,
  GraphQLError,
  type GraphQLFieldResolver,
  isObjectType,
} from 'graphql';
import { type AnswerError, placesOf } from './documents.ts';
import { ResolverError, unauthorizedField } from './errors.ts';
import type { ApiPlan, FieldPlan } from './plan.ts';
import { resolveField } from './resolve/field.ts';
import type { GraphqlRequest } from './resolve/request.ts';
import { mayRead } from './schema/access.ts';

export interface Answer {
  readonly data: unknown;
  readonly errors?: readonly AnswerError[];
}

export interface Operation {
  readonly document: DocumentNode;
  readonly operationName: string | undefined;
  readonly variables: Readonly<Record<string, unknown>>;
  /** What the root's fields are, where they are known: the result a subscriber is told of. */
  readonly rootValue?: unknown;
}

export async function executeOperation(request: GraphqlRequest, operation: Operation): Promise<Answer> {
  const result = await execute({
    schema: request.plan.schema,
    document: operation.document,
    contextValue: request,
    rootValue: operation.rootValue,
    variableValues: operation.variables,
    operationName: operation.operationName ?? null,
    typeResolver: (value) =>
      typeof value === 'object' && value !== null && '__typename' in value
        ? String(value.__typename)
        : undefined,
    hideSuggestions: true,
  });
  const own = (result.errors ?? []).map(shownError);
  const errors = [
    ...own,
    ...request.appended.map(({ path, error }) => ({ path, locations: null, ...error })),
  ];
  const data: unknown = result.data ?? null;
  return errors.length === 0 ? { data } : { data, errors };
}

export const operationOf = (document: DocumentNode, name: string | undefined) =>
  getOperationAST(document, name);

function shownError(error: GraphQLError): AnswerError {
  const { originalError } = error;
  const path = error.path ?? null;
  const locations = placesOf(error);
  if (originalError instanceof ResolverError) {
    const { errorType, data, errorInfo, message } = originalError;
    return { path, data, errorType, errorInfo, locations, message };
  }
  if (path === null) return { path, locations, message: error.message };
  const cannot = error.message.startsWith('Cannot return null for non-nullable');
  const message = cannot
    ? `Cannot return null for non-nullable type: '${typeOf(error)}' within parent '${parentOf(error)}' (/${path.join('/')})`
    : error.message.startsWith('Unable to serialize')
      ? `Can't serialize value (/${path.join('/')}) : ${error.message}`
      : originalError === undefined
        ? error.message
        : `Can't resolve value (/${path.join('/')}) : ${error.message}`;
  return { path, locations, message };
}

const typeOf = ({ message }: GraphQLError): string => /field .+\.(\S+?)\.?$/.exec(message)?.[1] ?? '';
const parentOf = ({ message }: GraphQLError): string => /field (.+)\.\S+$/.exec(message)?.[1] ?? '';

/** Gives every field of the schema its resolver, once. */
export function wireFields({ schema, fields }: ApiPlan): void {
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type) || type.name.startsWith('__')) continue;
    for (const field of Object.values(type.getFields())) {
      const plan = fields.get(`${type.name}.${field.name}`);
      if (plan !== undefined) field.resolve = resolverOf(plan);
    }
  }
}

type Resolver = GraphQLFieldResolver<unknown, GraphqlRequest>;

function resolverOf(plan: FieldPlan): GraphQLFieldResolver<unknown, unknown> {
  const name = `${plan.typeName}.${plan.fieldName}`;
  const { resolver } = plan;
  const work: Resolver =
    resolver === undefined
      ? (source, args, context, info) => valueOf(source, args, context, info)
      : (source, args, request, info) =>
          request.isEvent === true
            ? valueOf(source, args, request, info)
            : resolveField({ request, resolver, source, args, info });
  const guarded: Resolver = (source, args, request, info) => {
    const { identity } = request;
    if (!mayRead(plan.access, identity, name)) throw unauthorizedField(plan.fieldName, plan.typeName);
    if (identity.mayAccess === undefined) return work(source, args, request, info);
    return identity.mayAccess(plan.typeName, plan.fieldName).then((may) => {
      if (!may) throw unauthorizedField(plan.fieldName, plan.typeName);
      return work(source, args, request, info);
    });
  };
  return guarded as GraphQLFieldResolver<unknown, unknown>; // the context is always a request
}

const valueOf: Resolver = (source, args, context, info) =>
  source instanceof Map ? source.get(info.fieldName) : defaultFieldResolver(source, args, context, info);
