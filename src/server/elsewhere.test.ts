/** A service that is set to answer elsewhere: another server stands for it. */
import { afterAll, beforeAll, expect, test } from 'bun:test';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import * as sqs from '@aws-sdk/client-sqs';
import { systemNow } from '../base/clock.ts';
import { silentLog } from '../base/log.ts';
import { useTestServer } from '../neighbours/testing/room.ts';
import { createWire, type Wire } from '../wire/server.ts';
import { createElsewhere } from './elsewhere.ts';

const there = useTestServer();
let here: Server;
let wire: Wire;
let client: sqs.SQSClient;
beforeAll(async () => {
  wire = createWire({
    services: async () => undefined,
    now: systemNow,
    log: silentLog,
    auth: 'open',
    elsewhere: (id) =>
      createElsewhere({ GATEHOUSE_ENDPOINT_SQS: there.url, GATEHOUSE_ENDPOINT_SNS: 'http://127.0.0.1:1' })(
        id,
      ),
  });
  here = createServer((request, response) => void wire.handle(request, response));
  await new Promise<void>((done) => here.listen(0, '127.0.0.1', done));
  const endpoint = `http://127.0.0.1:${(here.address() as AddressInfo).port}`; // a TCP server has one
  client = new sqs.SQSClient({ ...there.options('111122223333'), endpoint });
});
afterAll(() => here.close());

test('calls from outside go there and come back, errors too', async () => {
  const { QueueUrl } = await client.send(new sqs.CreateQueueCommand({ QueueName: 'far' }));
  expect(QueueUrl).toBe(`${there.url}/111122223333/far`);
  await client.send(new sqs.SendMessageCommand({ QueueUrl, MessageBody: 'hello' }));
  const { Messages } = await client.send(new sqs.ReceiveMessageCommand({ QueueUrl }));
  expect(Messages?.[0]?.Body).toBe('hello');
  const missing = client.send(new sqs.GetQueueUrlCommand({ QueueName: 'nothing' }));
  await expect(missing).rejects.toMatchObject({
    name: 'QueueDoesNotExist',
    message: 'The specified queue does not exist.',
  });
});

test('calls from inside go there as well; who is not there is told by name', async () => {
  const scope = { account: '111122223333', region: 'us-east-1' };
  const caller = {
    kind: 'root',
    account: scope.account,
    arn: 'arn:aws:iam::111122223333:root',
    accessKeyId: scope.account,
  } as const;
  const QueueUrl = 'https://sqs.us-east-1.amazonaws.com/111122223333/far';
  const input = { QueueUrl, MessageBody: 'from inside' };
  await wire.call({ service: 'sqs', operation: 'SendMessage', input, scope, caller });
  const { Messages } = await client.send(
    new sqs.ReceiveMessageCommand({ QueueUrl: `${there.url}/111122223333/far` }),
  );
  expect(Messages?.[0]?.Body).toBe('from inside');
  const nobody = wire.call({ service: 'sns', operation: 'ListTopics', input: {}, scope, caller });
  await expect(nobody).rejects.toThrow('sns at http://127.0.0.1:1 cannot be reached');
});
