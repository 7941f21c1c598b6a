/**
 * What a creation left that was cut off after the resource came to be and before that was written down. Types whose
 * ids the service gives out are found again by the tags that name their stack and logical id; types with names are
 * found by those (`makeResource`).
 */
import type { ResourceRequest } from '../base/resource-type.ts';
import { isObject, type Json } from './template.ts';

interface TaggedList {
  readonly service: string;
  readonly operation: string;
  /** The member of the answer that lists, and in each item the id and the tags. */
  readonly items: string;
  readonly id: string;
  readonly tags: string;
  /** The member of the answer and of the input by which pages follow one another. */
  readonly page: readonly [answer: string, input: string];
}

const POSITION = ['position', 'position'] as const;
const NEXT_TOKEN = ['NextToken', 'NextToken'] as const;
const apiGateway = (operation: string): TaggedList => ({
  service: 'apigateway',
  operation,
  items: 'items',
  id: 'id',
  tags: 'tags',
  page: POSITION,
});

const LISTS: Readonly<Record<string, TaggedList>> = {
  'AWS::ApiGateway::RestApi': apiGateway('GetRestApis'),
  'AWS::ApiGateway::ApiKey': apiGateway('GetApiKeys'),
  'AWS::ApiGateway::UsagePlan': apiGateway('GetUsagePlans'),
  'AWS::ApiGateway::VpcLink': apiGateway('GetVpcLinks'),
  'AWS::ApiGateway::ClientCertificate': { ...apiGateway('GetClientCertificates'), id: 'clientCertificateId' },
  'AWS::ApiGatewayV2::Api': {
    service: 'apigatewayv2',
    operation: 'GetApis',
    items: 'Items',
    id: 'ApiId',
    tags: 'Tags',
    page: NEXT_TOKEN,
  },
  'AWS::ApiGatewayV2::VpcLink': {
    service: 'apigatewayv2',
    operation: 'GetVpcLinks',
    items: 'Items',
    id: 'VpcLinkId',
    tags: 'Tags',
    page: NEXT_TOKEN,
  },
};

type Request = ResourceRequest<Record<string, unknown>>;

/** Physical ids. */
export async function leftBehind(type: string, request: Request): Promise<string[]> {
  if (type === 'AWS::Lambda::EventSourceMapping') return mappingsLeft(request);
  const list = LISTS[type];
  if (list === undefined) return [];
  const ids: string[] = [];
  let page: string | undefined;
  do {
    const [answerMember, inputMember] = list.page;
    const input = page === undefined ? {} : { [inputMember]: page };
    const answer = await request.call<Json>(list.service, list.operation, input);
    for (const item of itemsOf(answer, list.items))
      if (isObject(item) && isOwn(item[list.tags], request)) ids.push(String(item[list.id]));
    const next = isObject(answer) ? answer[answerMember] : undefined;
    page = typeof next === 'string' && next !== '' ? next : undefined;
  } while (page !== undefined);
  return ids;
}

/**
 * The import of an HTTP API is tagged by a second call. With the tags in its document it has them from the first
 * moment on, so that it is found whenever the creation is cut off.
 */
export function markedForFinding(type: string, request: Request): Request {
  const body = request.properties.Body;
  if (type !== 'AWS::ApiGatewayV2::Api' || typeof body !== 'object' || body === null) return request;
  const before: unknown = Reflect.get(body, 'tags');
  const own = Object.entries(request.tags).map(([name, value]) => ({
    name,
    'x-amazon-apigateway-tag-value': value,
  }));
  const tags = [...(Array.isArray(before) ? before : []), ...own];
  return { ...request, properties: { ...request.properties, Body: { ...body, tags } } };
}

function isOwn(tags: Json | undefined, { tags: own }: Request): boolean {
  const names = ['aws:cloudformation:stack-id', 'aws:cloudformation:logical-id'];
  return isObject(tags) && names.every((name) => own[name] !== undefined && tags[name] === own[name]);
}

/** A function has at most one mapping of a source. */
async function mappingsLeft({ call, properties }: Request): Promise<string[]> {
  const { FunctionName, EventSourceArn } = properties;
  if (FunctionName === undefined || EventSourceArn === undefined) return [];
  const answer = await call<Json>('lambda', 'ListEventSourceMappings', { FunctionName, EventSourceArn });
  return itemsOf(answer, 'EventSourceMappings').flatMap((item) =>
    isObject(item) ? [String(item.UUID)] : [],
  );
}

function itemsOf(answer: Json, member: string): Json[] {
  const items = isObject(answer) ? answer[member] : undefined;
  return Array.isArray(items) ? items : [];
}
