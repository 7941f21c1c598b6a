/** What the operations of DynamoDB share. */
import type { ServicePorts } from '../../wire/service.ts';
import type { RecordChange } from './stream-record.ts';

export interface DynamoDbRoom extends ServicePorts {
  readonly record: RecordChange;
}
