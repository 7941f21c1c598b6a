/** UpdateFunctionCode and UpdateFunctionConfiguration: what invocations meet next. */
import type {
  FunctionConfiguration,
  UpdateFunctionCodeRequest,
  UpdateFunctionConfigurationRequest,
} from '@aws-sdk/client-lambda';
import type { Call } from '../../wire/service.ts';
import { refuseEnforced } from './code-signing.ts';
import { invalidParameter, unsupported } from './fault.ts';
import { checkKey } from './environment-key.ts';
import { changeFunction, checkRevision, needFunction } from './function-change.ts';
import { checkCodeSize, takeCode } from './function-code.ts';
import { type FunctionReference, readReference } from './function-reference.ts';
import { shownCode, shownLayers } from './function-row.ts';
import { checkSettings, shownSettings } from './function-settings.ts';
import { lambdaTime, uuid } from './identifiers.ts';
import { resolveLayers } from './layer-use.ts';
import { orphan } from './orphan-code.ts';
import type { LambdaRoom } from './ports.ts';
import { type FunctionRow, functions } from './rows.ts';
import { publish } from './version.ts';

export const functionUpdateOperations = (room: LambdaRoom) => ({
  UpdateFunctionCode: async (
    input: UpdateFunctionCodeRequest,
    call: Call,
  ): Promise<FunctionConfiguration> => {
    const reference = wholeFunction(input.FunctionName, call);
    if (input.PublishTo !== undefined) throw unsupported('PublishTo');
    // Recorded from AWS.
    if (input.ImageUri !== undefined)
      throw invalidParameter("Please don't provide ImageUri when updating a function with packageType Zip.");
    const before = await needFunction(room.store, reference);
    checkRevision(before, input.RevisionId);
    await refuseEnforced(room.store, reference.scope, before.codeSigningConfigArn);
    const code = await takeCode(room, input, call);
    if (input.DryRun) return { ...before.configuration, ...shownCode(code) };
    return changeFunction(room, reference, async (row, rows) => {
      checkRevision(row, input.RevisionId);
      checkCodeSize(code, row.layers);
      await orphan(rows, row.code, room.now());
      const Architectures = input.Architectures?.length
        ? input.Architectures
        : row.configuration.Architectures;
      const changed: FunctionRow = {
        ...row,
        code,
        configuration: { ...row.configuration, ...shownCode(code), Architectures, ...stamp(room) },
      };
      await rows.put(functions, reference.scope, reference.name, changed);
      if (!input.Publish) return changed.configuration;
      return publish(room, rows, { reference, row: changed, description: undefined });
    });
  },

  UpdateFunctionConfiguration: async (
    input: UpdateFunctionConfigurationRequest,
    call: Call,
  ): Promise<FunctionConfiguration> => {
    const reference = wholeFunction(input.FunctionName, call);
    const before = await needFunction(room.store, reference);
    checkSettings(input, room.retiredRuntimes);
    if (
      input.Role !== undefined &&
      room.roleIsAssumable &&
      !(await room.roleIsAssumable(input.Role, call.scope))
    )
      throw invalidParameter('The role defined for the function cannot be assumed by Lambda.');
    if (input.KMSKeyArn)
      await checkKey(room, {
        keyArn: input.KMSKeyArn,
        roleArn: input.Role ?? before.configuration.Role ?? '',
        functionName: reference.name,
        scope: call.scope,
      });
    const layers = input.Layers && (await resolveLayers(room.store, input.Layers, call.scope));
    return changeFunction(room, reference, async (row, rows) => {
      checkRevision(row, input.RevisionId);
      if (layers) checkCodeSize(row.code, layers);
      const shown = shownSettings(input, call.scope.region);
      const configuration: FunctionConfiguration = {
        ...row.configuration,
        ...shown,
        ...(shown.LoggingConfig && {
          LoggingConfig: { LogGroup: row.configuration.LoggingConfig?.LogGroup, ...shown.LoggingConfig },
        }),
        ...(layers && shownLayers(input.Layers ?? [], layers)),
        ...stamp(room),
      };
      await rows.put(functions, reference.scope, reference.name, {
        ...row,
        configuration,
        layers: layers ?? row.layers,
      });
      return configuration;
    });
  },
});

/** Updates are of `$LATEST`; a qualifier in the name is refused. */
function wholeFunction(text: string | undefined, call: Call): FunctionReference {
  const reference = readReference(text ?? '', undefined, call.scope);
  if (reference.qualifier !== undefined && reference.qualifier !== '$LATEST')
    throw invalidParameter(
      'Only $LATEST function version can be updated. Please provide an unqualified function name.',
    );
  return { scope: reference.scope, name: reference.name };
}

const stamp = (room: LambdaRoom): FunctionConfiguration => ({
  LastModified: lambdaTime(room.now()),
  RevisionId: uuid(room.random),
});
