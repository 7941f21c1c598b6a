/** API destinations: HTTP endpoints that rules call through a connection. */
import { randomUUID } from 'node:crypto';
import type {
  ApiDestinationHttpMethod,
  CreateApiDestinationRequest,
  CreateApiDestinationResponse,
  DeleteApiDestinationRequest,
  DescribeApiDestinationRequest,
  DescribeApiDestinationResponse,
  ListApiDestinationsRequest,
  ListApiDestinationsResponse,
  UpdateApiDestinationRequest,
  UpdateApiDestinationResponse,
} from '@aws-sdk/client-eventbridge';
import { arnOf } from '../../base/arn.ts';
import type { Scope } from '../../base/scope.ts';
import { type Reader, table } from '../../store/store.ts';
import type { Call } from '../../wire/service.ts';
import { findConnection } from './connection.ts';
import { alreadyThere, invalid, notFound } from './fault.ts';
import { pageOf } from './page.ts';
import type { EventsRoom } from './room.ts';

export interface DestinationRow {
  readonly name: string;
  readonly destinationId: string;
  readonly connectionArn: string;
  /** `*` stands for path parameters of the target. */
  readonly endpoint: string;
  readonly method: ApiDestinationHttpMethod;
  readonly mostPerSecond: number;
  readonly description?: string;
  readonly createdMs: number;
  readonly modifiedMs: number;
}

const destinations = table<DestinationRow>('events.api-destinations');

const arnOfDestination = (scope: Scope, { name, destinationId }: DestinationRow): string =>
  arnOf(scope, 'events', `api-destination/${name}/${destinationId}`);

export async function findDestination(
  rows: Pick<Reader, 'get'>,
  scope: Scope,
  name: string | undefined,
): Promise<DestinationRow> {
  const row = await rows.get(destinations, scope, name ?? '');
  if (row === undefined)
    throw notFound(`Failed to describe the api-destination(s). An api-destination '${name}' does not exist.`);
  return row;
}

export const apiDestinationOperations = ({ store, now }: EventsRoom) => ({
  async CreateApiDestination(
    input: CreateApiDestinationRequest,
    { scope }: Call,
  ): Promise<CreateApiDestinationResponse> {
    const name = input.Name ?? '';
    checkEndpoint(input.InvocationEndpoint);
    await findConnection(store, scope, input.ConnectionArn);
    const row: DestinationRow = {
      name,
      destinationId: randomUUID(),
      connectionArn: input.ConnectionArn ?? '',
      endpoint: input.InvocationEndpoint ?? '',
      method: input.HttpMethod ?? 'POST',
      mostPerSecond: input.InvocationRateLimitPerSecond ?? 300,
      ...(input.Description === undefined ? {} : { description: input.Description }),
      createdMs: now(),
      modifiedMs: now(),
    };
    await store.transaction(async (rows) => {
      if (await rows.get(destinations, scope, name))
        throw alreadyThere(`An api-destination '${name}' already exists.`);
      await rows.put(destinations, scope, name, row);
    });
    return answer(scope, row);
  },

  async UpdateApiDestination(
    input: UpdateApiDestinationRequest,
    { scope }: Call,
  ): Promise<UpdateApiDestinationResponse> {
    if (input.InvocationEndpoint !== undefined) checkEndpoint(input.InvocationEndpoint);
    if (input.ConnectionArn !== undefined) await findConnection(store, scope, input.ConnectionArn);
    const before = await findDestination(store, scope, input.Name);
    const row: DestinationRow = {
      ...before,
      connectionArn: input.ConnectionArn ?? before.connectionArn,
      endpoint: input.InvocationEndpoint ?? before.endpoint,
      method: input.HttpMethod ?? before.method,
      mostPerSecond: input.InvocationRateLimitPerSecond ?? before.mostPerSecond,
      ...(input.Description === undefined ? {} : { description: input.Description }),
      modifiedMs: now(),
    };
    await store.transaction((rows) => rows.put(destinations, scope, row.name, row));
    return answer(scope, row);
  },

  async DescribeApiDestination(
    input: DescribeApiDestinationRequest,
    { scope }: Call,
  ): Promise<DescribeApiDestinationResponse> {
    return show(scope, await findDestination(store, scope, input.Name));
  },

  async ListApiDestinations(
    input: ListApiDestinationsRequest,
    { scope }: Call,
  ): Promise<ListApiDestinationsResponse> {
    const found = await store.list(destinations, scope, { prefix: input.NamePrefix ?? '' });
    const wanted = found.filter(
      ({ row }) => (input.ConnectionArn ?? row.connectionArn) === row.connectionArn,
    );
    const { page, NextToken } = pageOf(wanted, input, ({ key }) => key);
    return { ApiDestinations: page.map(({ row }) => show(scope, row)), ...NextToken };
  },

  async DeleteApiDestination(input: DeleteApiDestinationRequest, { scope }: Call): Promise<object> {
    const row = await findDestination(store, scope, input.Name);
    await store.transaction((rows) => rows.delete(destinations, scope, row.name));
    return {};
  },
});

/** AWS takes HTTPS alone; here plain HTTP as well, since what is called is often on the same machine. */
function checkEndpoint(endpoint: string | undefined): void {
  if (/^https?:\/\/\S+$/.test(endpoint ?? '')) return;
  throw invalid('Parameter InvocationEndpoint is not valid. Reason: Provided value is no URL.');
}

const answer = (scope: Scope, row: DestinationRow) => ({
  ApiDestinationArn: arnOfDestination(scope, row),
  ApiDestinationState: 'ACTIVE' as const,
  CreationTime: new Date(row.createdMs),
  LastModifiedTime: new Date(row.modifiedMs),
});

const show = (scope: Scope, row: DestinationRow) => ({
  ...answer(scope, row),
  Name: row.name,
  ConnectionArn: row.connectionArn,
  InvocationEndpoint: row.endpoint,
  HttpMethod: row.method,
  InvocationRateLimitPerSecond: row.mostPerSecond,
  ...(row.description === undefined ? {} : { Description: row.description }),
});
