/** Code and templates of resolvers and functions are checked when they are given. */
import type { AppSyncRuntime } from '@aws-sdk/client-appsync';
import { Fault } from '../../base/fault.ts';
import { limits } from '../../base/limits.ts';
import type { GraphqlControl } from '../../graphql/config.ts';
import { badRequest } from './faults.ts';

export interface MappingInput {
  readonly runtime?: AppSyncRuntime | undefined;
  readonly code?: string | undefined;
  readonly requestMappingTemplate?: string | undefined;
  readonly responseMappingTemplate?: string | undefined;
  readonly maxBatchSize?: number | undefined;
  readonly syncConfig?: { readonly conflictDetection?: string | undefined } | undefined;
}

/** Throws BadRequestException; for code with every broken rule and its place. */
export function checkMapping(graphql: GraphqlControl, input: MappingInput): void {
  const { runtime, code } = input;
  if ((runtime === undefined) !== (code === undefined))
    throw badRequest('Runtime and code must both be specified, or neither.');
  if (runtime !== undefined && (runtime.name !== 'APPSYNC_JS' || runtime.runtimeVersion !== '1.0.0'))
    throw badRequest(
      `Runtime ${runtime.name} ${runtime.runtimeVersion}: only APPSYNC_JS 1.0.0 is supported.`,
    );
  if (code !== undefined) checkCode(graphql, code);
  for (const template of [input.requestMappingTemplate, input.responseMappingTemplate]) {
    if (template === undefined) continue;
    if (code !== undefined) throw badRequest('Mapping templates and code cannot both be specified.');
    if (template.length > limits.appsyncTemplateCharacters)
      throw badRequest(
        `Mapping template is too long: at most ${limits.appsyncTemplateCharacters} characters.`,
      );
    const problem = graphql.checkTemplate(template);
    if (problem !== undefined) throw badRequest(`Template syntax error: ${problem}`);
  }
  if ((input.maxBatchSize ?? 0) < 0 || (input.maxBatchSize ?? 0) > limits.appsyncBatchSize)
    throw badRequest(`maxBatchSize must be between 0 and ${limits.appsyncBatchSize}.`);
  if (input.syncConfig?.conflictDetection !== undefined && input.syncConfig.conflictDetection !== 'NONE')
    throw badRequest('Conflict detection of versioned data sources: not supported by gatehouse');
}

function checkCode(graphql: GraphqlControl, code: string): void {
  const problems = graphql.checkCode(code);
  if (problems.length === 0) return;
  throw new Fault('BadRequestException', 'The code contains one or more errors.', {
    members: {
      reason: 'CODE_ERROR',
      detail: {
        codeErrors: problems.map(({ errorType, value, line, column }) => ({
          errorType,
          value,
          location: { line, column, span: -1 },
        })),
      },
    },
  });
}
