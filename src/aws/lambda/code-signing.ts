/**
 * Code signing configurations. They are kept and shown; signatures are not verified here, so a package for a function
 * whose configuration enforces them is refused by name instead of being taken on trust.
 * https://docs.aws.amazon.com/lambda/latest/dg/configuration-codesigning.html
 */
import type {
  CodeSigningConfig,
  CreateCodeSigningConfigRequest,
  DeleteCodeSigningConfigRequest,
  GetCodeSigningConfigRequest,
  ListCodeSigningConfigsRequest,
  UpdateCodeSigningConfigRequest,
} from '@aws-sdk/client-lambda';
import { arnOf } from '../../base/arn.ts';
import { randomText } from '../../base/ids.ts';
import type { Scope } from '../../base/scope.ts';
import type { Reader } from '../../store/store.ts';
import type { Call } from '../../wire/service.ts';
import { conflict, invalidParameter, lambdaFault, notFound, unsupported } from './fault.ts';
import { lambdaTime } from './identifiers.ts';
import { pageOf } from './paging.ts';
import type { LambdaRoom } from './ports.ts';
import { type CodeSigningRow, codeSigningConfigs, functions } from './rows.ts';
import { checkTags } from './tag-rules.ts';

const ID_CHARACTERS = 'abcdefghijklmnopqrstuvwxyz0123456789';

export const codeSigningOperations = (room: LambdaRoom) => ({
  CreateCodeSigningConfig: async (input: CreateCodeSigningConfigRequest, call: Call) => {
    const tags = input.Tags ?? {};
    checkTags(tags);
    const row: CodeSigningRow = {
      id: `csc-${randomText(17, ID_CHARACTERS, room.random)}`,
      description: input.Description ?? '',
      publishers: publishersOf(input),
      untrusted: input.CodeSigningPolicies?.UntrustedArtifactOnDeployment ?? 'Warn',
      lastModified: lambdaTime(room.now()),
      tags,
    };
    await room.store.transaction((rows) => rows.put(codeSigningConfigs, call.scope, row.id, row));
    return { CodeSigningConfig: shown(call.scope, row) };
  },

  GetCodeSigningConfig: async (input: GetCodeSigningConfigRequest, call: Call) => ({
    CodeSigningConfig: shown(
      call.scope,
      await needConfig(room.store, call.scope, input.CodeSigningConfigArn),
    ),
  }),

  ListCodeSigningConfigs: async (input: ListCodeSigningConfigsRequest, call: Call) => {
    const page = pageOf(await room.store.list(codeSigningConfigs, call.scope), input);
    return {
      CodeSigningConfigs: page.entries.map(({ row }) => shown(call.scope, row)),
      ...(page.nextMarker !== undefined && { NextMarker: page.nextMarker }),
    };
  },

  UpdateCodeSigningConfig: async (input: UpdateCodeSigningConfigRequest, call: Call) => {
    const row = await room.store.transaction(async (rows) => {
      const before = await needConfig(rows, call.scope, input.CodeSigningConfigArn);
      const changed: CodeSigningRow = {
        ...before,
        ...(input.Description !== undefined && { description: input.Description }),
        ...(input.AllowedPublishers !== undefined && { publishers: publishersOf(input) }),
        untrusted: input.CodeSigningPolicies?.UntrustedArtifactOnDeployment ?? before.untrusted,
        lastModified: lambdaTime(room.now()),
      };
      await rows.put(codeSigningConfigs, call.scope, changed.id, changed);
      return changed;
    });
    return { CodeSigningConfig: shown(call.scope, row) };
  },

  DeleteCodeSigningConfig: async (input: DeleteCodeSigningConfigRequest, call: Call) => {
    await room.store.transaction(async (rows) => {
      const row = await needConfig(rows, call.scope, input.CodeSigningConfigArn);
      const arn = codeSigningArn(call.scope, row.id);
      const used = (await rows.list(functions, call.scope)).some(
        (entry) => entry.row.codeSigningConfigArn === arn,
      );
      if (used)
        throw conflict(
          'The code signing configuration cannot be deleted because it is being used by one or more functions.',
        );
      await rows.delete(codeSigningConfigs, call.scope, row.id);
    });
    return {};
  },
});

const codeSigningArn = (scope: Scope, id: string): string =>
  arnOf(scope, 'lambda', `code-signing-config:${id}`);

/** The id in an ARN of this account and region; empty for any other text. */
export const codeSigningId = (scope: Scope, arn: string): string => {
  const prefix = codeSigningArn(scope, '');
  return arn.startsWith(prefix) ? arn.slice(prefix.length) : '';
};

export async function needConfig(
  rows: Pick<Reader, 'get'>,
  scope: Scope,
  arn: string | undefined,
): Promise<CodeSigningRow> {
  const row = await rows.get(codeSigningConfigs, scope, codeSigningId(scope, arn ?? ''));
  if (row === undefined) throw notFound(`The Lambda code signing configuration ${arn} can not be found.`);
  return row;
}

/** For functions: their configuration must be there. Throws AWS's own fault for it. */
export async function needForFunction(
  rows: Pick<Reader, 'get'>,
  scope: Scope,
  arn: string,
): Promise<CodeSigningRow> {
  const row = await rows.get(codeSigningConfigs, scope, codeSigningId(scope, arn));
  if (row === undefined)
    throw lambdaFault(
      'CodeSigningConfigNotFoundException',
      `The code signing configuration cannot be found. Check that the provided configuration is not deleted: ${arn}.`,
    );
  return row;
}

/** A package whose signature would have to be good. */
export async function refuseEnforced(
  rows: Pick<Reader, 'get'>,
  scope: Scope,
  arn: string | undefined,
): Promise<void> {
  if (arn === undefined) return;
  const { untrusted } = await needForFunction(rows, scope, arn);
  if (untrusted === 'Enforce')
    throw unsupported('Code for a function whose code signing configuration says Enforce');
}

function publishersOf({ AllowedPublishers }: UpdateFields): string[] {
  const arns = AllowedPublishers?.SigningProfileVersionArns ?? [];
  if (arns.length === 0) throw invalidParameter('AllowedPublishers must name a signing profile version.');
  return arns;
}

type UpdateFields = Pick<UpdateCodeSigningConfigRequest, 'AllowedPublishers'>;

const shown = (scope: Scope, row: CodeSigningRow): CodeSigningConfig => ({
  CodeSigningConfigId: row.id,
  CodeSigningConfigArn: codeSigningArn(scope, row.id),
  Description: row.description,
  AllowedPublishers: { SigningProfileVersionArns: [...row.publishers] },
  CodeSigningPolicies: { UntrustedArtifactOnDeployment: row.untrusted },
  LastModified: row.lastModified,
});
