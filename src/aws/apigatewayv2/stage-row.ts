import { wholeSecond } from '../../base/clock.ts';
import type { Stage } from '@aws-sdk/client-apigatewayv2';
import type { Scope } from '../../base/scope.ts';
import { type Reader, table } from '../../store/store.ts';
import { missingStage } from './faults.ts';

/** AWS's members as they are shown, dates as milliseconds. Key: `{api}/{stage}`. */
export interface StageRow extends Omit<Stage, 'CreatedDate' | 'LastUpdatedDate' | 'StageName'> {
  readonly StageName: string;
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
}

export const stages = table<StageRow>('apigatewayv2.stages');

/** Throws NotFoundException. */
export async function readStage(
  rows: Pick<Reader, 'get'>,
  scope: Scope,
  apiId: string,
  stageName: string,
): Promise<StageRow> {
  const row = await rows.get(stages, scope, `${apiId}/${stageName}`);
  if (!row) throw missingStage();
  return row;
}

export function showStage(row: StageRow): Stage {
  const { createdAtMs, updatedAtMs, AccessLogSettings: log, ...members } = row;
  const shownLog = log?.DestinationArn ? { AccessLogSettings: log } : {};
  return {
    ...members,
    ...shownLog,
    CreatedDate: wholeSecond(createdAtMs),
    LastUpdatedDate: wholeSecond(updatedAtMs),
  };
}
