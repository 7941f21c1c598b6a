/** Mapping templates of AppSync, compiled once. */
import { limits } from '../base/limits.ts';
import { parseJson } from '../lang/json/parse.ts';
import { compileTemplate, type Template } from '../lang/vtl/compile.ts';
import type { AuthTypeName, Effects, Evaluated, ResolverContext } from './effects.ts';
import { mappingFailed, ResolverError } from './errors.ts';
import { plain, templateExtensions, templateUtil } from './vtl-util.ts';

export interface TemplateStage {
  evaluate(
    context: ResolverContext,
    stash: Record<string, unknown>,
    effects: Effects,
    authType: AuthTypeName,
  ): Evaluated;
}

/** Thrown by `#return`. */
class Returned {
  readonly value: unknown;
  constructor(value: unknown) {
    this.value = value;
  }
}

/** Throws VtlError where the text is no template. */
export function compileStage(source: string): TemplateStage {
  const template: Template = compileTemplate(source, {
    maxOutputBytes: limits.appsyncEvaluatedBytes,
    directives: {
      return: ([value]) => {
        throw new Returned(value);
      },
    },
  });
  return {
    evaluate(context, stash, effects, authType) {
      const { fieldName, parentTypeName } = context.info;
      // Templates may change the stash; what else they set is their own.
      const ctx = { ...context, args: context.arguments, stash };
      try {
        const out = template({
          ctx,
          context: ctx,
          util: templateUtil({ effects, authType, fieldName, parentTypeName }),
          utils: templateUtil({ effects, authType, fieldName, parentTypeName }),
          extensions: templateExtensions(effects),
        });
        return { kind: 'value', value: parsed(out), stash };
      } catch (thrown) {
        if (thrown instanceof Returned)
          return { kind: 'early', value: plain(thrown.value ?? null), stash, skipsAll: false };
        if (thrown instanceof ResolverError) throw thrown;
        throw mappingFailed(
          `Transformation error while evaluating the mapping template: ${thrown instanceof Error ? thrown.message : String(thrown)}`,
        );
      }
    },
  };
}

/** https://docs.aws.amazon.com/appsync/latest/devguide/resolver-mapping-template-reference-overview.html: templates give JSON. */
function parsed(out: string): unknown {
  const text = out.trim();
  if (text === '') return null;
  try {
    return parseJson(text);
  } catch (thrown) {
    throw mappingFailed(
      `Unable to transform for path: '${thrown instanceof Error ? thrown.message : 'no JSON'}'.`,
    );
  }
}
