/** Asks a data source. Throws ResolverError. */
import { isFault, reasonOf } from '../../base/fault.ts';
import type { Caller } from '../../base/ports.ts';
import type { DataSourceDocument } from '../config.ts';
import { mappingFailed, ResolverError } from '../errors.ts';
import type { ResolverPlan } from '../plan.ts';
import type { GraphqlRequest } from '../resolve/request.ts';
import { callDynamoDb } from './dynamodb.ts';
import { callEventBridge } from './event-bridge.ts';
import { callHttp, callOpenSearch } from './http.ts';
import { callLambda } from './lambda.ts';

export interface SourceCall {
  readonly source: DataSourceDocument;
  /** What the request half made, or the whole context for a direct Lambda. */
  readonly wanted: unknown;
  readonly isDirect: boolean;
  readonly maxBatchSize: number;
  /** Calls of the same name may be made together. */
  readonly batchName: string;
  readonly resolver: ResolverPlan;
}

export type Wanted = Readonly<Record<string, unknown>>;

export async function callSource(request: GraphqlRequest, call: SourceCall): Promise<unknown> {
  const wanted = call.wanted;
  if (typeof wanted !== 'object' || wanted === null || Array.isArray(wanted))
    throw mappingFailed('The request must be an object.');
  const given = wanted as Wanted; // an object, as was just seen
  switch (call.source.type) {
    case 'NONE':
      return given['payload'] ?? null;
    case 'AWS_LAMBDA':
      return callLambda(request, call, given);
    case 'AMAZON_DYNAMODB':
      return callDynamoDb(request, call.source, given);
    case 'AMAZON_EVENTBRIDGE':
      return callEventBridge(request, call.source, given);
    case 'HTTP':
      return callHttp(request, call.source, given);
    case 'AMAZON_ELASTICSEARCH':
    case 'AMAZON_OPENSEARCH_SERVICE':
      return callOpenSearch(request, call.source, given);
    case 'RELATIONAL_DATABASE':
    case 'AMAZON_BEDROCK_RUNTIME':
      throw new ResolverError(
        `Data sources of type ${call.source.type}: not supported by gatehouse`,
        'UnsupportedOperation',
      );
  }
}

/** As the data source's role. */
function callerOf(source: DataSourceDocument, account: string): Caller {
  const role = source.roleArn?.split('/').at(-1) ?? 'appsync';
  return {
    kind: 'assumed-role',
    account,
    arn: `arn:aws:sts::${account}:assumed-role/${role}/AppSync`,
    userId: `${role}:AppSync`,
    accessKeyId: '',
  };
}

/** An operation of a service; its refusal is an error `DynamoDB:ConditionalCheckFailedException`. */
export async function operate<Output>(
  { ports, plan }: GraphqlRequest,
  source: DataSourceDocument,
  told: { readonly service: string; readonly prefix: string; readonly region?: string },
  operation: string,
  input: object,
): Promise<Output> {
  const { account, region } = plan.document.scope;
  try {
    return (await ports.call({
      service: told.service,
      operation,
      input,
      scope: { account, region: told.region ?? region },
      caller: callerOf(source, account),
    })) as Output; // the operation's own
  } catch (thrown) {
    if (!isFault(thrown)) {
      ports.log('error', 'a data source broke', { operation, reason: reasonOf(thrown) });
      throw new ResolverError('An internal failure occurred while resolving this field.', 'InternalFailure');
    }
    throw new ResolverError(
      `${thrown.message} (Service: ${told.prefix}, Status Code: ${thrown.status ?? 400}, Request ID: ${plan.document.apiId})`,
      `${told.prefix}:${thrown.code}`,
      null,
      thrown.members,
    );
  }
}
