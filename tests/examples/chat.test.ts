/** `examples/chat`, deployed as a user would and talked in with a browser. */
import { afterAll, beforeAll, expect, test } from 'bun:test';
import { join } from 'node:path';
import { DynamoDBClient, PutItemCommand, ScanCommand } from '@aws-sdk/client-dynamodb';
import type { Browser, Page } from 'playwright-core';
import { deployDefinition } from '../../src/deploy/client/deploy-definition.ts';
import { createRemote } from '../../src/cli/remote.ts';
import { useServer } from '../sdk/test-server.ts';
import { launchChromium } from './chromium.ts';

const server = useServer();
let browser: Browser;
let outputs: Record<string, string>;

beforeAll(async () => {
  const remote = createRemote({ endpoint: server.url });
  const { stacks } = await deployDefinition({
    definition: join(import.meta.dir, '../../examples/chat'),
    parameters: {},
    region: 'us-east-1',
    local: true,
    call: (service, operation, input) => remote.call(service, operation, input),
  });
  outputs = Object.fromEntries(
    stacks.flatMap((stack) => stack.outputs.map(({ key, value }) => [key, value])),
  );
  browser = await launchChromium();
}, 60_000);
afterAll(() => browser?.close());

/** A window in which somebody is in a room. */
async function enter(user: string, room: string): Promise<Page> {
  const context = await browser.newContext({ locale: 'en-US' });
  const page = await context.newPage();
  const { port } = new URL(server.url);
  await page.goto(`http://${outputs['PageApiId']}.execute-api.us-east-1.localhost:${port}/`);
  await page.getByLabel('Your name').fill(user);
  await page.getByLabel('Room').fill(room);
  await page.getByRole('button', { name: 'Enter' }).click();
  await page
    .getByRole('status')
    .filter({ hasText: `in ${room} with` })
    .waitFor();
  return page;
}

const say = async (page: Page, text: string): Promise<void> => {
  await page.getByLabel('Message').fill(text);
  await page.getByRole('button', { name: 'Send' }).click();
};
const hears = (page: Page, text: string): Promise<void> =>
  page.getByRole('listitem').filter({ hasText: text }).waitFor();

const table = (): DynamoDBClient => new DynamoDBClient(server.options());

test('rooms, whispers, leaving, and connections that are gone without a word', async () => {
  const ada = await enter('Ada', 'lobby');
  const bob = await enter('Bob', 'lobby');
  const eve = await enter('Eve', 'cellar');
  await hears(ada, 'Bob came in');

  await say(ada, 'good morning');
  await Promise.all([hears(ada, 'Ada: good morning'), hears(bob, 'Ada: good morning')]);
  await say(bob, '@Eve come upstairs');
  await hears(eve, 'Bob whispers: come upstairs');
  await say(bob, '@Zoe hello');
  await hears(bob, 'Zoe is not here');
  expect(await eve.getByRole('listitem').allTextContents()).toEqual([
    'Eve came in',
    'Bob whispers: come upstairs',
  ]);

  // A row whose connection is long gone, as a lost $disconnect leaves it.
  const { TableName = '' } = { TableName: outputs['TableName'] };
  const row = { connectionId: { S: 'AAAAAAAAAAAAAAA=' }, userId: { S: 'Ghost' }, roomId: { S: 'lobby' } };
  await table().send(new PutItemCommand({ TableName, Item: row }));
  await say(ada, 'anyone here?');
  await hears(bob, 'Ada: anyone here?');
  const users = async (): Promise<string[]> => {
    const { Items = [] } = await table().send(new ScanCommand({ TableName, ConsistentRead: true }));
    return Items.map((item) => item['userId']?.S ?? '').toSorted();
  };
  while ((await users()).includes('Ghost')) await new Promise((resolve) => setTimeout(resolve, 10));

  await bob.close();
  await hears(ada, 'Bob left');
  expect(await users()).toEqual(['Ada', 'Eve']);
}, 60_000);

test('who has no name is not let in', async () => {
  const { port } = new URL(server.url);
  const url = `ws://127.0.0.1:${port}/_aws/execute-api/${outputs['ChatApiId']}/prod`;
  const refused = await new Promise((resolve) => {
    const socket = new WebSocket(url);
    socket.addEventListener('open', () => resolve(false));
    socket.addEventListener('error', () => resolve(true));
  });
  expect(refused).toBe(true);
});

test('a two-way route with a mock answers from its template', async () => {
  const { port } = new URL(server.url);
  const socket = new WebSocket(
    `ws://127.0.0.1:${port}/_aws/execute-api/${outputs['ChatApiId']}/prod?user=Ping`,
  );
  const answer = new Promise<string>((resolve) =>
    socket.addEventListener('message', ({ data }) => resolve(String(data))),
  );
  socket.addEventListener('open', () => socket.send('{"action":"ping"}'));
  expect(JSON.parse(await answer)).toEqual({ type: 'pong', connectionId: expect.stringMatching(/=$/) });
  socket.close();
});
