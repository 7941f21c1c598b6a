/** A function's first row, and how its code and layers are shown. */
import type { CreateFunctionRequest, FunctionConfiguration } from '@aws-sdk/client-lambda';
import { limits } from '../../base/limits.ts';
import { type FunctionReference, functionArn } from './function-reference.ts';
import { shownSettings } from './function-settings.ts';
import { lambdaTime, uuid } from './identifiers.ts';
import type { LambdaRoom } from './ports.ts';
import type { CodeRow, FunctionRow, VersionRow } from './rows.ts';

interface Content {
  readonly code: CodeRow;
  readonly layers: VersionRow['layers'];
}

export function newRow(
  room: LambdaRoom,
  reference: FunctionReference,
  input: CreateFunctionRequest,
  { code, layers }: Content,
): FunctionRow {
  const { scope, name } = reference;
  const configuration: FunctionConfiguration = {
    FunctionName: name,
    FunctionArn: functionArn(scope, name),
    Description: '',
    Timeout: limits.lambdaTimeoutSeconds.default,
    MemorySize: limits.lambdaMemoryMb.default,
    TracingConfig: { Mode: 'PassThrough' },
    EphemeralStorage: { Size: limits.lambdaEphemeralStorageMb.default },
    Architectures: input.Architectures?.length ? input.Architectures : ['x86_64'],
    ...shownSettings(input, scope.region),
    LoggingConfig: {
      LogFormat: 'Text',
      LogGroup: `/aws/lambda/${name}`,
      ...shownSettings(input, scope.region).LoggingConfig,
    },
    ...shownLayers(input.Layers ?? [], layers),
    ...shownCode(code),
    PackageType: 'Zip',
    SnapStart: { ApplyOn: 'None', OptimizationStatus: 'Off' },
    LastModified: lambdaTime(room.now()),
    RevisionId: uuid(room.random),
    State: 'Active',
    LastUpdateStatus: 'Successful',
    Version: '$LATEST',
  };
  return {
    name,
    configuration,
    code,
    layers,
    lastVersion: 0,
    tags: input.Tags ?? {},
    recursiveLoop: 'Terminate',
    ...(input.CodeSigningConfigArn && { codeSigningConfigArn: input.CodeSigningConfigArn }),
    runtimeManagement: {},
  };
}

export const shownCode = (code: CodeRow): FunctionConfiguration => ({
  CodeSha256: code.sha256,
  CodeSize: code.sizeBytes,
});

export const shownLayers = (arns: readonly string[], layers: readonly CodeRow[]): FunctionConfiguration =>
  arns.length === 0
    ? { Layers: undefined }
    : { Layers: arns.map((Arn, at) => ({ Arn, CodeSize: layers[at]?.sizeBytes ?? 0 })) };
