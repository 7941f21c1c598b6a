import { randomUUID } from 'node:crypto';
import { DynamoDBClient, GetItemCommand, PutItemCommand, ScanCommand } from '@aws-sdk/client-dynamodb';

const database = new DynamoDBClient({});
const TableName = process.env.TABLE_NAME;

/** One function behind two APIs: REST events are version 1.0, HTTP API events version 2.0. */
export async function handler(event) {
  const route = event.routeKey ?? `${event.httpMethod} ${event.resource}`;
  switch (route) {
    case 'POST /orders':
      return placeOrder(JSON.parse(event.body));
    case 'GET /orders':
      return listOrders();
    case 'GET /orders/{orderId}':
      return readOrder(event.pathParameters.orderId);
    default:
      return answer(404, { message: `no such route: ${route}` });
  }
}

async function placeOrder({ customer, lines }) {
  const order = {
    orderId: randomUUID(),
    customer,
    lines,
    status: 'PLACED',
    placedAt: new Date().toISOString(),
  };
  await database.send(
    new PutItemCommand({
      TableName,
      Item: { orderId: { S: order.orderId }, order: { S: JSON.stringify(order) } },
      ConditionExpression: 'attribute_not_exists(orderId)',
    }),
  );
  return answer(201, order);
}

async function listOrders() {
  const { Items } = await database.send(new ScanCommand({ TableName, Limit: 100 }));
  return answer(200, { orders: Items.map((item) => JSON.parse(item.order.S)) });
}

async function readOrder(orderId) {
  const { Item } = await database.send(new GetItemCommand({ TableName, Key: { orderId: { S: orderId } } }));
  return Item ? answer(200, JSON.parse(Item.order.S)) : answer(404, { message: `no order ${orderId}` });
}

const answer = (statusCode, body) => ({
  statusCode,
  headers: { 'Content-Type': 'application/json' },
  body: JSON.stringify(body),
});
