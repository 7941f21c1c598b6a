/** The JavaScript SDK's Kinesis client speaks HTTP/2 and nothing else: it finds it on the port beside. */
import { expect, test } from 'bun:test';
import {
  CreateStreamCommand,
  DescribeStreamSummaryCommand,
  KinesisClient,
  PutRecordCommand,
} from '@aws-sdk/client-kinesis';
import { silentLog } from '../../src/base/log.ts';
import { startServer } from '../../src/server/start.ts';

test('Kinesis over HTTP/2, as the client comes', async () => {
  const server = await startServer({ host: '127.0.0.1', port: 0, data: null, auth: 'open', log: silentLog });
  const client = new KinesisClient({
    endpoint: server.httpsUrl?.replace('https', 'http') ?? '',
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  });
  await client.send(new CreateStreamCommand({ StreamName: 'clicks', ShardCount: 1 }));
  const put = new PutRecordCommand({
    StreamName: 'clicks',
    PartitionKey: 'a',
    Data: new TextEncoder().encode('one'),
  });
  expect((await client.send(put)).ShardId).toBe('shardId-000000000000');
  const { StreamDescriptionSummary } = await client.send(
    new DescribeStreamSummaryCommand({ StreamName: 'clicks' }),
  );
  expect(StreamDescriptionSummary?.StreamStatus).toBe('ACTIVE');
  client.destroy();
  await server.close();
});
