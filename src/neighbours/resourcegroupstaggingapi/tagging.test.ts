/** The tagging API through the official client. */
import { expect, test } from 'bun:test';
import * as tagging from '@aws-sdk/client-resource-groups-tagging-api';
import { CreateBucketCommand, PutBucketTaggingCommand, S3Client } from '@aws-sdk/client-s3';
import { CreateQueueCommand, SQSClient } from '@aws-sdk/client-sqs';
import { PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { useTestServer } from '../testing/room.ts';

const server = useTestServer();

test('resources of several services, by their tags', async () => {
  const queues = new SQSClient(server.options());
  await queues.send(new CreateQueueCommand({ QueueName: 'red', tags: { team: 'red' } }));
  await queues.send(new CreateQueueCommand({ QueueName: 'blue', tags: { team: 'blue' } }));
  await queues.send(new CreateQueueCommand({ QueueName: 'plain' }));
  const tagged = { Name: '/red', Value: 'x', Type: 'String' as const, Tags: [{ Key: 'team', Value: 'red' }] };
  await new SSMClient(server.options()).send(new PutParameterCommand(tagged));
  const buckets = new S3Client({ ...server.options(), forcePathStyle: true });
  await buckets.send(new CreateBucketCommand({ Bucket: 'red' }));
  const TagSet = [{ Key: 'team', Value: 'red' }];
  await buckets.send(new PutBucketTaggingCommand({ Bucket: 'red', Tagging: { TagSet } }));

  const client = new tagging.ResourceGroupsTaggingAPIClient(server.options());
  const find = async (input: tagging.GetResourcesCommandInput) =>
    (await client.send(new tagging.GetResourcesCommand(input))).ResourceTagMappingList?.map(
      ({ ResourceARN }) => ResourceARN,
    );
  expect(await find({ TagFilters: [{ Key: 'team', Values: ['red'] }] })).toEqual([
    'arn:aws:sqs:us-east-1:123456789012:red',
    'arn:aws:ssm:us-east-1:123456789012:parameter/red',
    'arn:aws:s3:::red',
  ]);
  expect(await find({ ResourceTypeFilters: ['sqs'], TagFilters: [{ Key: 'team' }] })).toHaveLength(2);
  const first = await client.send(new tagging.GetResourcesCommand({ ResourcesPerPage: 3 }));
  expect(first.ResourceTagMappingList).toHaveLength(3);
  expect(await find({ PaginationToken: first.PaginationToken })).toHaveLength(1);
  expect((await client.send(new tagging.GetTagKeysCommand({}))).TagKeys).toEqual(['team']);
  expect((await client.send(new tagging.GetTagValuesCommand({ Key: 'team' }))).TagValues).toEqual([
    'blue',
    'red',
  ]);
});
