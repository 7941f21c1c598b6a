/** https://docs.aws.amazon.com/appsync/latest/devguide/resolver-reference-eventbridge-js.html */
import type { DataSourceDocument } from '../config.ts';
import { mappingFailed } from '../errors.ts';
import type { GraphqlRequest } from '../resolve/request.ts';
import { operate, type Wanted } from './call.ts';

interface Event {
  readonly source?: string;
  readonly detail?: unknown;
  readonly detailType?: string;
  readonly resources?: readonly string[];
  readonly time?: string;
}

export async function callEventBridge(
  request: GraphqlRequest,
  source: DataSourceDocument,
  { operation, events }: Wanted,
): Promise<unknown> {
  if (operation !== 'PutEvents' || !Array.isArray(events))
    throw mappingFailed("Value for field '$[operation]' must be PutEvents, with events.");
  const told = { service: 'events', prefix: 'EventBridge' };
  return operate(request, source, told, 'PutEvents', {
    Entries: (events as Event[]).map(({ source: Source, detail, detailType, resources, time }) => ({
      EventBusName: source.eventBusArn,
      Source,
      DetailType: detailType,
      Detail: typeof detail === 'string' ? detail : JSON.stringify(detail ?? {}),
      ...(resources && { Resources: resources }),
      ...(time !== undefined && { Time: new Date(time) }),
    })),
  });
}
