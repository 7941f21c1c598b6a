/**
 * Step 5: transforms, in the template's order. An unknown one is a macro, which this engine refuses by name.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/transform-section-structure.html
 */
import type { StackIdentity, StackParameter } from '../base/stack-engine.ts';
import type { CallService } from './dynamic-references.ts';
import { transformNames } from './environment.ts';
import { expandIncludes } from './include.ts';
import { invalid } from './invalid.ts';
import { expandLanguageExtensions } from './language-extensions.ts';
import { transformServerless } from './sam/transform.ts';
import { isObject, type Json, type Locate, type Template } from './template.ts';

export interface TransformRequest {
  readonly template: Template;
  readonly parameters: readonly StackParameter[];
  readonly stack: StackIdentity;
  readonly call: CallService;
  readonly locate: Locate;
}

type Transform = (request: TransformRequest) => Template | Promise<Template>;

const TRANSFORMS: Readonly<Record<string, Transform>> = {
  'AWS::LanguageExtensions': expandLanguageExtensions,
  'AWS::Serverless-2016-10-31': transformServerless,
  // Its places are found below, wherever they stand.
  'AWS::Include': ({ template }) => template,
};

export async function applyTransforms(request: TransformRequest): Promise<Template> {
  const names = transformNames(request.template);
  refuseMacros(names, request.template);
  let template = await expandIncludes(request);
  for (const name of names) {
    const transform = TRANSFORMS[name];
    if (transform) template = await transform({ ...request, template });
  }
  return template;
}

/** Whether a template's transforms need CAPABILITY_AUTO_EXPAND outside of a change set. */
export const needsAutoExpand = (template: Template): boolean => transformNames(template).length > 0;

function refuseMacros(names: readonly string[], template: Template): void {
  const inline = macrosIn(template.Resources);
  const unknown = [...names, ...inline].find((name) => TRANSFORMS[name] === undefined);
  if (unknown === undefined) return;
  const reason = unknown.startsWith('AWS::')
    ? `Transform ${unknown}: not supported by gatehouse; nothing was created`
    : `No transform named ${unknown} found. (Macros: not supported by gatehouse; nothing was created)`;
  throw invalid(reason);
}

function macrosIn(value: Json): string[] {
  if (Array.isArray(value)) return value.flatMap(macrosIn);
  if (!isObject(value)) return [];
  const own = value['Fn::Transform'];
  const name = isObject(own) && typeof own.Name === 'string' ? [own.Name] : [];
  return [...name, ...Object.values(value).flatMap(macrosIn)];
}
