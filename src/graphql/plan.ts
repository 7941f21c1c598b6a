/** An API, compiled: schema, stages, sources, and which field needs what. Made once for each document. */
import { type GraphQLSchema, isObjectType } from 'graphql';
import type {
  AuthorizationMode,
  DataSourceDocument,
  GraphqlApiDocument,
  Mapping,
  ResolverDocument,
} from './config.ts';
import type { AuthTypeName, Effects, Evaluated, ResolverContext } from './effects.ts';
import { compileCode, loadEngine } from './javascript/run.ts';
import { accessOf, type FieldAccess } from './schema/access.ts';
import { buildSchema } from './schema/build.ts';
import { compileStage } from './vtl.ts';

/** One of a mapping's two halves. */
export type Half = 'request' | 'response';

export interface Stage {
  /** Undefined: this half says nothing; the value goes on as it is. */
  evaluate(
    half: Half,
    context: ResolverContext,
    stash: Record<string, unknown>,
    effects: Effects,
    authType: AuthTypeName,
  ): Evaluated | undefined;
  /** No mapping at all: the source is handed the whole context. */
  readonly isDirect: boolean;
  /** Templates of 2017-02-29 end the field at a source's error; all others are asked what to do. */
  readonly language: 'javascript' | 'templates' | 'direct';
  dispose(): void;
}

export interface FunctionPlan {
  readonly id: string;
  readonly name: string;
  readonly source: DataSourceDocument;
  readonly stage: Stage;
  readonly maxBatchSize: number;
}

export interface FieldPlan {
  readonly typeName: string;
  readonly fieldName: string;
  readonly access: FieldAccess;
  readonly resolver: ResolverPlan | undefined;
}

export interface ResolverPlan {
  readonly document: ResolverDocument;
  readonly stage: Stage;
  readonly source: DataSourceDocument | undefined;
  readonly functions: readonly FunctionPlan[];
}

export interface ApiPlan {
  readonly document: GraphqlApiDocument;
  readonly schema: GraphQLSchema;
  readonly modes: ReadonlyMap<AuthorizationMode['type'], readonly AuthorizationMode[]>;
  readonly fields: ReadonlyMap<string, FieldPlan>;
  /** Subscription fields by the mutations they are told of. */
  readonly subscriptions: ReadonlyMap<string, readonly string[]>;
  dispose(): void;
}

/** Throws SchemaFault. */
export async function compileApi(document: GraphqlApiDocument): Promise<ApiPlan> {
  const schema = buildSchema(document.schema ?? '');
  const mappings = [...document.functions, ...document.resolvers].map(({ mapping }) => mapping);
  if (mappings.some(({ kind }) => kind === 'javascript')) await loadEngine();
  const sources = new Map(document.dataSources.map((source) => [source.name, source]));
  const functions = new Map<string, FunctionPlan>();
  for (const { id, name, dataSource, mapping, maxBatchSize } of document.functions) {
    const source = sources.get(dataSource);
    if (source !== undefined)
      functions.set(id, { id, name, source, stage: compileMapping(mapping), maxBatchSize });
  }
  const resolvers = new Map<string, ResolverPlan>();
  for (const resolver of document.resolvers)
    resolvers.set(`${resolver.typeName}.${resolver.fieldName}`, {
      document: resolver,
      stage: compileMapping(resolver.mapping),
      source: resolver.dataSource === undefined ? undefined : sources.get(resolver.dataSource),
      functions: resolver.functions.map((id) => functions.get(id)).filter((each) => each !== undefined),
    });
  const { fields, subscriptions } = readFields(schema, document, resolvers);
  const all = [document.defaultMode, ...document.additionalModes];
  return {
    document,
    schema,
    modes: byType(all),
    fields,
    subscriptions,
    dispose() {
      for (const { stage } of [...functions.values(), ...resolvers.values()]) stage.dispose();
    },
  };
}

function byType(all: readonly AuthorizationMode[]): Map<AuthorizationMode['type'], AuthorizationMode[]> {
  const modes = new Map<AuthorizationMode['type'], AuthorizationMode[]>();
  for (const mode of all) modes.set(mode.type, [...(modes.get(mode.type) ?? []), mode]);
  return modes;
}

function readFields(
  schema: GraphQLSchema,
  { defaultMode }: GraphqlApiDocument,
  resolvers: ReadonlyMap<string, ResolverPlan>,
) {
  const fields = new Map<string, FieldPlan>();
  const subscriptions = new Map<string, readonly string[]>();
  const deny = defaultMode.type === 'AMAZON_COGNITO_USER_POOLS' && defaultMode.defaultAction === 'DENY';
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type) || type.name.startsWith('__')) continue;
    for (const field of Object.values(type.getFields())) {
      const name = `${type.name}.${field.name}`;
      const access = accessOf(type, field, defaultMode.type, deny);
      fields.set(name, { typeName: type.name, fieldName: field.name, access, resolver: resolvers.get(name) });
      if (type === schema.getSubscriptionType())
        subscriptions.set(field.name, mutationsOf(field.astNode?.directives));
    }
  }
  return { fields, subscriptions };
}

interface Directive {
  readonly name: { readonly value: string };
  readonly arguments?:
    | readonly { readonly value: { readonly kind: string; readonly values?: readonly unknown[] } }[]
    | undefined;
}

function mutationsOf(directives: readonly Directive[] | undefined): string[] {
  const value = directives?.find(({ name }) => name.value === 'aws_subscribe')?.arguments?.[0]?.value;
  return (value?.values ?? []).map((each) => (each as { readonly value: string }).value); // the schema was validated
}

function compileMapping(mapping: Mapping): Stage {
  switch (mapping.kind) {
    case 'direct':
      return { isDirect: true, language: 'direct', evaluate: () => undefined, dispose: () => {} };
    case 'templates': {
      const halves = {
        request: mapping.request === undefined ? undefined : compileStage(mapping.request),
        response: mapping.response === undefined ? undefined : compileStage(mapping.response),
      };
      return {
        isDirect: false,
        language: 'templates',
        evaluate: (half, ...given) => halves[half]?.evaluate(...given),
        dispose: () => {},
      };
    }
    case 'javascript': {
      const unit = compileCode(mapping.code);
      return {
        isDirect: false,
        language: 'javascript',
        evaluate: (half, context, stash, effects, authType) =>
          unit.evaluate(half, context, { ...context.info, authType }, stash, effects),
        dispose: () => unit.dispose(),
      };
    }
  }
}
