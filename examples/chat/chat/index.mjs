import {
  ApiGatewayManagementApiClient,
  PostToConnectionCommand,
} from '@aws-sdk/client-apigatewaymanagementapi';
import {
  DeleteItemCommand,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';

const database = new DynamoDBClient({});
const TableName = process.env.TABLE_NAME;
const TWO_HOURS_SECONDS = 2 * 3600;
const NAME = /^[\p{L}\p{N} _-]{1,32}$/u;

/** One client an endpoint, kept between calls: an event says where its connections are. */
const clients = new Map();

export async function handler(event) {
  const { routeKey, connectionId } = event.requestContext;
  switch (routeKey) {
    case '$connect':
      return connect(connectionId, event.queryStringParameters ?? {});
    case '$disconnect':
      return disconnect(event, connectionId);
    case 'join':
      return join(event, connectionId, bodyOf(event));
    case 'say':
      return say(event, connectionId, bodyOf(event));
    case 'whisper':
      return whisper(event, connectionId, bodyOf(event));
    default:
      return { statusCode: 400 };
  }
}

const OK = { statusCode: 200 };
const bodyOf = (event) => JSON.parse(event.body);

/** Nobody without a name gets in. Others hear of it with the first `join`: this connection can not be sent to yet. */
async function connect(connectionId, { user = '' }) {
  if (!NAME.test(user)) return { statusCode: 401, body: 'who are you?' };
  const ttl = Math.floor(Date.now() / 1000) + TWO_HOURS_SECONDS;
  await database.send(
    new PutItemCommand({
      TableName,
      Item: { connectionId: { S: connectionId }, userId: { S: user }, ttl: { N: String(ttl) } },
    }),
  );
  return OK;
}

async function disconnect(event, connectionId) {
  const { Attributes: gone } = await database.send(
    new DeleteItemCommand({ TableName, Key: keyOf(connectionId), ReturnValues: 'ALL_OLD' }),
  );
  if (gone?.roomId) await tellRoom(event, gone.roomId.S, { type: 'left', user: gone.userId.S });
  return OK;
}

async function join(event, connectionId, { room = '' }) {
  if (!NAME.test(room)) return tell(event, connectionId, { type: 'error', text: 'a room has a name' });
  const { Attributes: me } = await database.send(
    new UpdateItemCommand({
      TableName,
      Key: keyOf(connectionId),
      UpdateExpression: 'SET roomId = :room',
      ConditionExpression: 'attribute_exists(connectionId)',
      ExpressionAttributeValues: { ':room': { S: room } },
      ReturnValues: 'ALL_NEW',
    }),
  );
  const present = await query('RoomIndex', 'roomId', room);
  await tell(event, connectionId, {
    type: 'room',
    room,
    users: present.map((row) => row.userId.S).toSorted(),
  });
  await tellRoom(event, room, { type: 'joined', user: me.userId.S });
  return OK;
}

async function say(event, connectionId, { text = '' }) {
  const me = await find(connectionId);
  if (!me?.roomId) return tell(event, connectionId, { type: 'error', text: 'join a room first' });
  await tellRoom(event, me.roomId.S, { type: 'said', user: me.userId.S, text: String(text) });
  return OK;
}

/** To every window a user has open. */
async function whisper(event, connectionId, { to = '', text = '' }) {
  const me = await find(connectionId);
  const rows = await query('UserIndex', 'userId', to);
  const told = await broadcast(event, rows, { type: 'whispered', user: me.userId.S, text: String(text) });
  if (told === 0) await tell(event, connectionId, { type: 'error', text: `${to} is not here` });
  return OK;
}

const tellRoom = async (event, room, message) =>
  broadcast(event, await query('RoomIndex', 'roomId', room), message);

/** Sends to all at once. A connection that is gone without having said so is removed. */
async function broadcast(event, rows, message) {
  const told = await Promise.all(rows.map((row) => send(event, row.connectionId.S, message)));
  const stale = rows.filter((_, at) => !told[at]);
  await Promise.all(
    stale.map((row) => database.send(new DeleteItemCommand({ TableName, Key: keyOf(row.connectionId.S) }))),
  );
  return rows.length - stale.length;
}

async function tell(event, connectionId, message) {
  await send(event, connectionId, message);
  return OK;
}

/** False when there is no such connection any more. */
async function send(event, connectionId, message) {
  try {
    await clientOf(event).send(
      new PostToConnectionCommand({ ConnectionId: connectionId, Data: JSON.stringify(message) }),
    );
    return true;
  } catch (error) {
    if (error.name === 'GoneException' || error.$metadata?.httpStatusCode === 410) return false;
    throw error;
  }
}

function clientOf({ requestContext: { domainName, stage } }) {
  const endpoint = `https://${domainName}/${stage}`;
  const known = clients.get(endpoint) ?? new ApiGatewayManagementApiClient({ endpoint });
  clients.set(endpoint, known);
  return known;
}

const keyOf = (connectionId) => ({ connectionId: { S: connectionId } });

async function find(connectionId) {
  const { Item } = await database.send(
    new GetItemCommand({ TableName, Key: keyOf(connectionId), ConsistentRead: true }),
  );
  return Item;
}

async function query(IndexName, attribute, value) {
  const rows = [];
  let ExclusiveStartKey;
  do {
    const page = await database.send(
      new QueryCommand({
        TableName,
        IndexName,
        KeyConditionExpression: '#name = :value',
        ExpressionAttributeNames: { '#name': attribute },
        ExpressionAttributeValues: { ':value': { S: value } },
        ExclusiveStartKey,
      }),
    );
    rows.push(...page.Items);
    ExclusiveStartKey = page.LastEvaluatedKey;
  } while (ExclusiveStartKey);
  return rows;
}
