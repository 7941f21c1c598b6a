/** Where a subscription's messages go. */
import { parseArn } from '../../base/arn.ts';
import { invalidParameter, invalidReason } from './fault.ts';
import { type FoundTopic, isFifo, type Protocol, PROTOCOLS } from './topic-row.ts';

/** Those without a meaning here are refused by name. */
export function protocolOf(text: string | undefined): Protocol {
  const protocol = PROTOCOLS.find((each) => each === text);
  if (protocol !== undefined) return protocol;
  if (text === 'application' || text === 'firehose')
    throw invalidReason('Protocol', `the protocol ${text}: not supported by gatehouse`);
  throw invalidReason('Protocol', `Amazon SNS does not support this protocol string: ${text}`);
}

/** Throws InvalidParameter. */
export function checkEndpoint(topic: FoundTopic, protocol: Protocol, endpoint: string | undefined): string {
  if (endpoint === undefined || endpoint === '') throw invalidParameter('Endpoint');
  if (isFifo(topic.row) && protocol !== 'sqs')
    throw invalidReason('Invalid parameter: Endpoint', 'Please use FIFO SQS queue');
  switch (protocol) {
    case 'sqs': {
      const arn = parseArn(endpoint);
      if (arn?.service !== 'sqs') throw invalidParameter('SQS endpoint ARN');
      if (arn.resource.endsWith('.fifo') && !isFifo(topic.row))
        throw invalidReason(
          'Invalid parameter: Endpoint',
          'FIFO SQS Queues can not be subscribed to standard SNS topics',
        );
      return endpoint;
    }
    case 'lambda':
      if (parseArn(endpoint)?.service !== 'lambda') throw invalidParameter('Lambda endpoint ARN');
      return endpoint;
    case 'http':
    case 'https':
      if (!endpoint.toLowerCase().startsWith(`${protocol}://`) || !URL.canParse(endpoint))
        throw invalidParameter('Endpoint must match the specified protocol');
      return endpoint;
    case 'email':
    case 'email-json':
      if (!/^[^@\s]+@[^@\s]+$/.test(endpoint)) throw invalidParameter('Email address');
      return endpoint;
    case 'sms':
      if (!/^\+?[\d ().-]{4,20}$/.test(endpoint))
        throw invalidReason('Endpoint', `Invalid SMS endpoint: ${endpoint}`);
      return endpoint;
    default:
      return protocol satisfies never;
  }
}
