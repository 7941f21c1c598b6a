/**
 * The SAM transform: serverless resources become what AWS's own transform makes of them, under the same logical ids.
 * https://github.com/aws/serverless-application-model/blob/master/docs/internals/generated_resources.rst
 *
 *   implicit APIs -> globals -> functions (their events fill in APIs) -> everything else -> references renamed
 */
import { partitionOf } from '../../base/arn.ts';
import type { Fault } from '../../base/fault.ts';
import { parameterValue } from '../parameters.ts';
import { isObject, type Json, type JsonObject, lineOf, type Template } from '../template.ts';
import type { TransformRequest } from '../transforms.ts';
import { transformApi } from './api.ts';
import { SamFault, samDocumentFault } from './faults.ts';
import { transformFunction } from './function.ts';
import { applyGlobals, checkGlobals } from './globals.ts';
import { transformHttpApi } from './http-api.ts';
import { addImplicitApis, setVersions } from './implicit-api.ts';
import { transformLayerVersion } from './layer-version.ts';
import { renameReferences } from './names.ts';
import type { Resource, SamResource, Serverless } from './serverless.ts';
import { transformStateMachine } from './state-machine.ts';
import { transformSimpleTable } from './simple-table.ts';

type Transform = (resource: SamResource, serverless: Serverless) => Record<string, Resource>;

/** In this order: functions and state machines fill in the definitions of APIs before those are made. */
const TRANSFORMS: readonly (readonly [type: string, transform: Transform])[] = [
  ['AWS::Serverless::Function', transformFunction],
  ['AWS::Serverless::StateMachine', transformStateMachine],
  ['AWS::Serverless::Api', transformApi],
  ['AWS::Serverless::HttpApi', transformHttpApi],
  ['AWS::Serverless::SimpleTable', transformSimpleTable],
  ['AWS::Serverless::LayerVersion', transformLayerVersion],
];

export function transformServerless(request: TransformRequest): Template {
  const template = structuredClone(request.template);
  const serverless = openServerless(template, request);
  const { Globals: globals, Transform: _, ...rest } = template;
  if (globals !== undefined) checkGlobals(globals);
  const messages: string[] = [];
  const attempt = (work: () => void): void => {
    try {
      work();
    } catch (thrown) {
      if (!(thrown instanceof SamFault)) throw thrown;
      messages.push(thrown.message + lineOf(request.locate, ['Resources', thrown.logicalId]));
    }
  };
  attempt(() => addImplicitApis(serverless));
  // Implicit APIs take the globals like any other.
  applyGlobals(globals ?? {}, serverless.resources);
  setVersions(serverless);
  refuseUnknown(serverless, request);
  if (messages.length === 0)
    for (const [type, transform] of TRANSFORMS)
      for (const [logicalId, resource] of Object.entries(serverless.resources))
        if (resource.Type === type) attempt(() => replace(logicalId, resource, transform, serverless));
  if (messages.length > 0) throw samDocumentFault(messages);
  const conditions = serverless.conditions;
  const done: JsonObject = {
    ...(rest as unknown as JsonObject), // a template is a JSON object
    ...(Object.keys(conditions).length > 0 && { Conditions: conditions }),
    Resources: serverless.resources as unknown as JsonObject, // as above
  };
  return renameReferences(done, serverless.names) as unknown as Template; // the same sections, SAM's resources replaced
}

function openServerless(template: Template, { parameters, stack }: TransformRequest): Serverless {
  const partition = partitionOf(stack.scope.region);
  return {
    resources: template.Resources as unknown as Record<string, Resource>, // structure was checked
    conditions: template.Conditions ?? {},
    parameters: {
      ...Object.fromEntries(
        parameters.map((parameter): [string, Json] => [parameter.key, parameterValue(parameter)]),
      ),
      'AWS::Region': stack.scope.region,
      'AWS::Partition': partition,
    },
    names: new Map(),
    partition,
    shared: { apiIds: [], apiStages: [], stageKeys: [], conditions: [] },
  };
}

function refuseUnknown({ resources }: Serverless, { locate }: TransformRequest): void {
  const messages = Object.entries(resources)
    .filter(
      ([, { Type }]) => Type.startsWith('AWS::Serverless::') && !TRANSFORMS.some(([type]) => type === Type),
    )
    .map(
      ([id, { Type }]) =>
        `${Type} (resource ${id}): not supported by gatehouse; nothing was created${lineOf(locate, ['Resources', id])}`,
    );
  if (messages.length > 0) throw refusal(messages);
}

const refusal = (messages: readonly string[]): Fault => samDocumentFault(messages);

function replace(logicalId: string, resource: Resource, transform: Transform, serverless: Serverless): void {
  const { Type: _, Properties: properties, ...attributes } = resource;
  const own = isObject(properties) ? properties : {};
  const made = transform({ logicalId, properties: own, attributes }, serverless);
  if (made[logicalId] === undefined) delete serverless.resources[logicalId];
  Object.assign(serverless.resources, made);
}
