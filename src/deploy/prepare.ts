/**
 * From text to a stack that can be carried out: the engine's steps that make nothing, in order.
 *
 *   read -> structure -> parameters -> transforms -> structure again -> conditions -> rules -> plan
 *   (intrinsic functions, references) -> graph -> validation
 */
import type {
  PreparedStack,
  PrepareRequest,
  StackEnginePorts,
  TemplateSummary,
} from '../base/stack-engine.ts';
import { limits } from '../base/limits.ts';
import { neededCapabilities } from './capabilities.ts';
import type { CallService } from './dynamic-references.ts';
import { createEnvironment, transformNames } from './environment.ts';
import { checkCircles } from './graph.ts';
import { invalid } from './invalid.ts';
import { declaredParameters, type FetchSsmParameters, settleParameters } from './parameters.ts';
import { planTemplate } from './plan.ts';
import { readTemplate } from './read.ts';
import { checkRules } from './rules.ts';
import { checkStructure } from './structure.ts';
import { isObject, type JsonObject, lineOf } from './template.ts';
import { applyTransforms, needsAutoExpand } from './transforms.ts';
import { type FindResourceType, validate } from './validate.ts';

export function inspectTemplate(text: string): TemplateSummary {
  const template = checkStructure(readTemplate(text));
  const { capabilities, reason } = neededCapabilities(template, needsAutoExpand(template));
  const resources = Object.entries(template.Resources)
    .filter(([, resource]) => typeof resource.Type === 'string')
    .map(([logicalId, { Type }]) => ({ logicalId, type: Type }));
  return {
    ...(template.Description !== undefined && { description: template.Description }),
    ...(template.AWSTemplateFormatVersion !== undefined && { version: template.AWSTemplateFormatVersion }),
    ...(template.Metadata && { metadata: JSON.stringify(template.Metadata) }),
    parameters: declaredParameters(template),
    resourceTypes: [...new Set(resources.map(({ type }) => type))],
    resources,
    transforms: transformNames(template),
    capabilities,
    ...(reason !== undefined && { capabilitiesReason: reason }),
  };
}

export async function prepareStack(
  request: PrepareRequest,
  ports: StackEnginePorts,
  findType: FindResourceType,
): Promise<PreparedStack> {
  const { stack } = request;
  const call = callAs(request, ports);
  const read = readTemplate(request.template);
  const declared = checkStructure(read);
  const { locate } = read;
  const parameters = await settleParameters({
    template: declared,
    locate,
    given: request.parameters,
    previous: request.previous?.parameters ?? [],
    fetchSsm: fetchSsmWith(call),
  });
  const template = await applyTransforms({ template: declared, parameters, stack, call, locate });
  const processed = JSON.stringify(template);
  if (processed.length > limits.templateProcessedBytes)
    throw invalid(
      `Template format error: the processed template is larger than ${limits.templateProcessedBytes} bytes`,
    );
  // Transforms are judged like any other author.
  checkStructure({ ...read, value: template as unknown as JsonObject }); // a template is a JSON object
  const imports: string[] = [];
  const environment = createEnvironment({ template, parameters, stack, exports: request.exports });
  const watched = { ...environment, exported: watchImports(imports, environment.exported) };
  checkRules(template, watched);
  const plan = planTemplate(template, watched);
  checkCircles(plan.graph, (id) => lineOf(locate, ['Resources', id]));
  await validate({ plan, locate, findType });
  return {
    template: request.template,
    processed,
    ...(typeof template.Description === 'string' && { description: template.Description }),
    parameters,
    conditions: environment.conditions,
    transforms: transformNames(declared),
    capabilities: neededCapabilities(template, needsAutoExpand(declared)).capabilities,
    imports: [...new Set(imports)],
  };
}

function watchImports(imports: string[], exported: (name: string) => string | undefined) {
  return (name: string): string | undefined => {
    imports.push(name);
    return exported(name);
  };
}

const callAs =
  ({ stack }: PrepareRequest, ports: StackEnginePorts): CallService =>
  (service, operation, input) =>
    ports.call({ service, operation, input, scope: stack.scope, caller: stack.caller });

const fetchSsmWith =
  (call: CallService): FetchSsmParameters =>
  async (names) => {
    const output = await call('ssm', 'GetParameters', { Names: names });
    const found: Record<string, { value: string; type: string }> = {};
    const list: unknown = isObject(output) ? output.Parameters : undefined;
    for (const parameter of Array.isArray(list) ? list : [])
      if (isObject(parameter))
        found[String(parameter.Name)] = { value: String(parameter.Value), type: String(parameter.Type) };
    return found;
  };
