/** Templates read, judged and given back. */
import type {
  GetTemplateInput,
  GetTemplateOutput,
  GetTemplateSummaryInput,
  GetTemplateSummaryOutput,
  ValidateTemplateInput,
  ValidateTemplateOutput,
} from '@aws-sdk/client-cloudformation';
import type { TemplateSummary } from '../../base/stack-engine.ts';
import type { Call } from '../../wire/service.ts';
import { findChangeSet } from './find-change-set.ts';
import { validationError } from './faults.ts';
import { needStack } from './find-stack.ts';
import type { CloudFormationRoom } from './ports.ts';
import { templates } from './rows.ts';
import { templateText } from './template-source.ts';

export const templateOperations = (room: CloudFormationRoom) => ({
  async GetTemplate(input: GetTemplateInput, call: Call): Promise<GetTemplateOutput> {
    const key = await templateKey(room, input, call);
    const prepared = key === undefined ? undefined : await room.store.get(templates, call.scope, key);
    if (prepared === undefined) throw validationError(`Template not found for stack ${input.StackName}`);
    const stage = input.TemplateStage ?? 'Original';
    return {
      TemplateBody: stage === 'Processed' ? prepared.processed : prepared.template,
      StagesAvailable: ['Original', 'Processed'],
    };
  },

  async GetTemplateSummary(input: GetTemplateSummaryInput, call: Call): Promise<GetTemplateSummaryOutput> {
    const summary = await room.engine.inspect(await summaryText(room, input, call));
    return {
      Parameters: summary.parameters.map(
        ({ key, type, defaultValue, noEcho, description, allowedValues }) => ({
          ParameterKey: key,
          DefaultValue: defaultValue,
          ParameterType: type,
          NoEcho: noEcho,
          Description: description,
          ParameterConstraints: allowedValues ? { AllowedValues: [...allowedValues] } : {},
        }),
      ),
      Description: summary.description,
      ...capabilitiesOf(summary),
      ResourceTypes: [...summary.resourceTypes],
      Version: summary.version,
      Metadata: summary.metadata,
      DeclaredTransforms: [...summary.transforms],
      ResourceIdentifierSummaries: [],
    };
  },

  async ValidateTemplate(input: ValidateTemplateInput, call: Call): Promise<ValidateTemplateOutput> {
    const summary = await room.engine.inspect(await templateText(room, call, input));
    return {
      Parameters: summary.parameters.map(({ key, defaultValue, noEcho, description }) => ({
        ParameterKey: key,
        DefaultValue: defaultValue,
        NoEcho: noEcho,
        Description: description,
      })),
      Description: summary.description,
      ...capabilitiesOf(summary),
      ...(summary.transforms.length > 0 && { DeclaredTransforms: [...summary.transforms] }),
    };
  },
});

function capabilitiesOf({ capabilities, capabilitiesReason }: TemplateSummary) {
  return {
    Capabilities: [...capabilities],
    ...(capabilitiesReason !== undefined && { CapabilitiesReason: capabilitiesReason }),
  };
}

async function templateKey(
  room: CloudFormationRoom,
  input: GetTemplateInput,
  call: Call,
): Promise<string | undefined> {
  if (input.ChangeSetName !== undefined)
    return (await findChangeSet(room.store, call.scope, input.ChangeSetName, input.StackName)).template;
  const stack = await needStack(room.store, call.scope, input.StackName);
  return stack.currentTemplate ?? stack.nextTemplate;
}

async function summaryText(
  room: CloudFormationRoom,
  input: GetTemplateSummaryInput,
  call: Call,
): Promise<string> {
  if (input.StackName === undefined) return templateText(room, call, input);
  const stack = await needStack(room.store, call.scope, input.StackName);
  const key = stack.currentTemplate ?? stack.nextTemplate;
  const prepared = key === undefined ? undefined : await room.store.get(templates, call.scope, key);
  if (prepared === undefined) throw validationError(`Template not found for stack ${input.StackName}`);
  return prepared.template;
}
