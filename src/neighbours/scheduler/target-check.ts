/** What a schedule's target may be; kinds that are not there are refused by name. */
import type { Target } from '@aws-sdk/client-scheduler';
import { parseArn } from '../../base/arn.ts';
import { TARGET_SERVICES } from '../kit/target.ts';
import { invalid } from './schedule-row.ts';
import { universalOf } from './universal.ts';

/** Throws ValidationException. */
export function checkTarget(target: Target): void {
  const arn = parseArn(target.Arn ?? '');
  if (arn === undefined) throw invalid('Provided Arn is not in correct format.');
  for (const name of ['EcsParameters', 'SageMakerPipelineParameters'] as const)
    if (target[name] !== undefined) throw invalid(`${name}: not supported by gatehouse`);
  const queue = target.DeadLetterConfig?.Arn;
  if (queue !== undefined && parseArn(queue)?.service !== 'sqs')
    throw invalid('The DeadLetterConfig Arn must be the Arn of an SQS queue.');
  if (arn.service === 'scheduler') {
    if (universalOf(target.Arn) === undefined)
      throw invalid(`${target.Arn} is not a valid universal target.`);
    checkJson(target.Input ?? '{}');
    return;
  }
  if (!TARGET_SERVICES.has(arn.service) || arn.service === 'logs')
    throw invalid(`Targets of ${arn.service}: not supported by gatehouse`);
  if (arn.service === 'sqs' && arn.resource.endsWith('.fifo') && !target.SqsParameters?.MessageGroupId)
    throw invalid('SqsParameters.MessageGroupId is required for FIFO queues.');
  if (arn.service === 'events' && target.EventBridgeParameters === undefined)
    throw invalid('EventBridgeParameters are required for event buses.');
  if (arn.service === 'kinesis' && target.KinesisParameters === undefined)
    throw invalid('KinesisParameters are required for streams.');
  if (['lambda', 'states', 'events'].includes(arn.service) && target.Input !== undefined)
    checkJson(target.Input);
}

function checkJson(text: string): void {
  try {
    JSON.parse(text);
  } catch {
    throw invalid('Invalid RequestJson provided. Reason The provided string is no JSON');
  }
}
