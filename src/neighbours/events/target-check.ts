/** What a rule's target may be; kinds that are not there are refused by name. */
import type { Target } from '@aws-sdk/client-eventbridge';
import { parseArn } from '../../base/arn.ts';
import { TARGET_SERVICES } from '../kit/target.ts';
import { invalid } from './fault.ts';
import { checkInput } from './input.ts';

const REFUSED_PARAMETERS = [
  'AppSyncParameters',
  'BatchParameters',
  'EcsParameters',
  'RedshiftDataParameters',
  'RunCommandParameters',
  'SageMakerPipelineParameters',
] as const;

/** Throws ValidationException. */
export function checkTarget(target: Target): void {
  const arn = parseArn(target.Arn ?? '');
  if (arn === undefined)
    throw invalid(`Parameter ${target.Arn} is not valid. Reason: Provided Arn is not in correct format.`);
  if (!TARGET_SERVICES.has(arn.service) && arn.service !== 'execute-api')
    throw invalid(`Target ${target.Id}: targets of ${arn.service}: not supported by gatehouse`);
  for (const name of REFUSED_PARAMETERS)
    if (target[name] !== undefined) throw invalid(`Target ${target.Id}: ${name}: not supported by gatehouse`);
  if (arn.service === 'states' && target.RoleArn === undefined)
    throw invalid(`RoleArn is required for target ${target.Arn}.`);
  if (arn.service === 'sqs') {
    const fifo = arn.resource.endsWith('.fifo');
    if (fifo && target.SqsParameters?.MessageGroupId === undefined)
      throw invalid(`Parameter(s) SqsParameters must be specified for target: ${target.Id}.`);
  }
  if (target.DeadLetterConfig?.Arn !== undefined && parseArn(target.DeadLetterConfig.Arn)?.service !== 'sqs')
    throw invalid(`Parameter DeadLetterConfig.Arn of target ${target.Id} is no ARN of a queue.`);
  checkInput(target);
}
