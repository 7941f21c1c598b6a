/** An event source mapping as AWS shows it. */
import type { EventSourceMappingConfiguration } from '@aws-sdk/client-lambda';
import { arnOf } from '../../../base/arn.ts';
import type { Scope } from '../../../base/scope.ts';
import { arnOfReference } from '../function-reference.ts';
import type { MappingRow } from './rows.ts';
import { functionOf } from './supervisor.ts';

const mappingArn = (scope: Scope, uuid: string): string =>
  arnOf(scope, 'lambda', `event-source-mapping:${uuid}`);

/** The id in an ARN of this account and region; empty for any other text. */
export const mappingId = (scope: Scope, arn: string): string =>
  arn.startsWith(mappingArn(scope, '')) ? arn.slice(mappingArn(scope, '').length) : '';

/** `state`: of a change that has just been made; else what the mapping rests in. */
export function shown(
  scope: Scope,
  row: MappingRow,
  result: string,
  state: string = row.enabled ? 'Enabled' : 'Disabled',
): EventSourceMappingConfiguration {
  const { onFailureArn, ...settings } = row.settings;
  const isStream = row.kind !== 'sqs';
  return {
    UUID: row.uuid,
    EventSourceMappingArn: mappingArn(scope, row.uuid),
    EventSourceArn: row.sourceArn,
    FunctionArn: arnOfReference(functionOf(scope, row)),
    ...settings,
    ...(row.startingPosition !== undefined && { StartingPosition: row.startingPosition }),
    ...(row.startingTimestamp !== undefined && {
      StartingPositionTimestamp: new Date(row.startingTimestamp),
    }),
    ...(isStream && {
      DestinationConfig: { OnFailure: onFailureArn === undefined ? {} : { Destination: onFailureArn } },
      LastProcessingResult: result,
    }),
    LastModified: new Date(row.lastModified),
    State: state,
    // Recorded from AWS: each kind has its own words.
    StateTransitionReason: isStream ? 'User action' : 'USER_INITIATED',
  };
}
