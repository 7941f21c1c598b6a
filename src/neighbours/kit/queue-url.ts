/** A queue's address as AWS has it, which is understood here and wherever else SQS is set to answer. */
import type { Arn } from '../../base/arn.ts';

export const urlOfQueue = ({
  region,
  account,
  resource,
}: Pick<Arn, 'region' | 'account' | 'resource'>): string =>
  `https://sqs.${region}.amazonaws.com/${account}/${resource}`;
