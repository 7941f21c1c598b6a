/** What the control plane asks: are a schema, code or a template right, and what do they make of a context. */
import { type DefinitionNode, type GraphQLSchema, introspectionFromSchema, parse, print } from 'graphql';
import type { Evaluation, GraphqlControl } from './config.ts';
import { type Effects, type Evaluated, noEffects, type ResolverContext } from './effects.ts';
import type { GraphqlEngine } from './engine.ts';
import { ResolverError } from './errors.ts';
import { checkCode } from './javascript/check.ts';
import { compileCode, loadEngine } from './javascript/run.ts';
import { buildSchema, SchemaFault } from './schema/build.ts';
import { compileStage } from './vtl.ts';

export function createGraphqlControl(engine: Pick<GraphqlEngine, 'changed' | 'flushCache'>): GraphqlControl {
  return {
    changed: engine.changed,
    flushCache: engine.flushCache,
    checkSchema(sdl) {
      try {
        buildSchema(sdl);
        return undefined;
      } catch (thrown) {
        if (thrown instanceof SchemaFault) return thrown.message;
        throw thrown;
      }
    },
    checkCode,
    checkTemplate(source) {
      try {
        compileStage(source);
        return undefined;
      } catch (thrown) {
        return thrown instanceof Error ? thrown.message : String(thrown);
      }
    },
    introspect(sdl, format, withDirectives) {
      if (format === 'SDL') return withDirectives ? sdl : withoutDirectives(sdl);
      const schema: GraphQLSchema = buildSchema(sdl);
      return JSON.stringify({ data: introspectionFromSchema(schema) });
    },
    typesOf: (sdl) =>
      parse(sdl).definitions.flatMap((definition) =>
        'name' in definition && definition.name !== undefined
          ? [
              {
                name: definition.name.value,
                definition: print(definition),
                description: descriptionOf(definition),
              },
            ]
          : [],
      ),
    async evaluateCode(code, handler, context) {
      await loadEngine();
      const unit = compileCode(code);
      const { stash, given } = readContext(context);
      const { fieldName, parentTypeName } = given.info;
      try {
        return evaluated((effects) =>
          unit.evaluate(
            handler,
            given,
            { fieldName, parentTypeName, authType: 'API Key Authorization' },
            stash,
            effects,
          ),
        );
      } finally {
        unit.dispose();
      }
    },
    async evaluateTemplate(source, context) {
      const stage = compileStage(source);
      const { stash, given } = readContext(context);
      return evaluated((effects) => stage.evaluate(given, stash, effects, 'API Key Authorization'));
    },
  };
}

const descriptionOf = (definition: DefinitionNode): string | undefined =>
  'description' in definition ? definition.description?.value : undefined;

const withoutDirectives = (sdl: string): string =>
  print(
    JSON.parse(
      JSON.stringify(parse(sdl, { noLocation: true }), (name, value: unknown) =>
        name === 'directives' ? [] : value,
      ),
    ) as ReturnType<typeof parse>, // the same tree without directives
  );

/** A context as somebody wrote it: what it leaves out is empty. */
function readContext(context: object): { stash: Record<string, unknown>; given: ResolverContext } {
  const given = context as Partial<ResolverContext> & {
    readonly args?: ResolverContext['arguments'];
    readonly stash?: Record<string, unknown>;
  };
  const info = {
    fieldName: '',
    parentTypeName: '',
    variables: {},
    selectionSetList: [],
    selectionSetGraphQL: '',
    ...given.info,
  };
  return {
    stash: given.stash ?? {},
    given: {
      identity: null,
      source: null,
      request: { headers: {}, domainName: null },
      prev: null,
      env: {},
      ...given,
      arguments: given.arguments ?? given.args ?? {},
      info,
    },
  };
}

function evaluated(work: (effects: Effects) => Evaluated | undefined): Evaluation {
  const effects = noEffects();
  const told = (more: { result?: unknown; error?: string; stash?: unknown }): Evaluation => ({
    result: more.error === undefined ? JSON.stringify(more.result ?? null) : undefined,
    error: more.error,
    stash: JSON.stringify(more.stash ?? {}),
    outErrors: JSON.stringify(effects.appended),
    logs: effects.logs.map(({ level, message }) => `${level} - ${message}`),
  });
  try {
    const made = work(effects);
    return made === undefined
      ? told({ error: 'The code has no such function.' })
      : told({ result: made.value, stash: made.stash });
  } catch (thrown) {
    if (!(thrown instanceof ResolverError)) throw thrown;
    return told({ error: thrown.message });
  }
}
