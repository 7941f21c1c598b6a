/** Lambda data sources: Invoke, BatchInvoke, and direct ones. https://docs.aws.amazon.com/appsync/latest/devguide/resolver-reference-lambda-js.html */
import { mappingFailed, ResolverError } from '../errors.ts';
import type { GraphqlRequest } from '../resolve/request.ts';
import { operate, type SourceCall, type Wanted } from './call.ts';

export async function callLambda(
  request: GraphqlRequest,
  call: SourceCall,
  wanted: Wanted,
): Promise<unknown> {
  const { isDirect, maxBatchSize, batchName } = call;
  if (isDirect) {
    if (maxBatchSize <= 0) return invoke(request, call, wanted);
    return single(
      await request.batches.add(batchName, maxBatchSize, wanted, (all) => invokeAll(request, call, all)),
    );
  }
  const { operation = 'Invoke', payload = null, invocationType } = wanted;
  switch (operation) {
    case 'Invoke':
      return invoke(request, call, payload, invocationType === 'Event');
    case 'BatchInvoke':
      return single(
        await request.batches.add(batchName, maxBatchSize > 0 ? maxBatchSize : UNSAID, payload, (all) =>
          invokeAll(request, call, all),
        ),
      );
    default:
      throw mappingFailed(`Value for field '$[operation]' not found or not one of Invoke, BatchInvoke.`);
  }
}

/** A resolver that batches without saying how many: https://docs.aws.amazon.com/appsync/latest/devguide/tutorial-lambda-resolvers.html */
const UNSAID = 5;

interface Answer {
  readonly Payload?: Uint8Array;
  readonly FunctionError?: string;
}

async function invoke(
  request: GraphqlRequest,
  { source }: SourceCall,
  payload: unknown,
  isEvent = false,
): Promise<unknown> {
  const answer = await operate<Answer>(request, source, { service: 'lambda', prefix: 'Lambda' }, 'Invoke', {
    FunctionName: source.functionArn,
    InvocationType: isEvent ? 'Event' : 'RequestResponse',
    Payload: new TextEncoder().encode(JSON.stringify(payload)),
  });
  const text = Buffer.from(answer.Payload ?? []).toString('utf8');
  if (isEvent) return null;
  const value = text === '' ? null : parsed(text);
  if (answer.FunctionError === undefined) return value;
  const { errorMessage = null, errorType = null } = (value ?? {}) as {
    errorMessage?: string | null;
    errorType?: string | null;
  };
  throw new ResolverError(
    errorMessage ?? 'null',
    errorType !== null && answer.FunctionError === 'Handled' ? errorType : `Lambda:${answer.FunctionError}`,
  );
}

async function invokeAll(
  request: GraphqlRequest,
  call: SourceCall,
  payloads: readonly unknown[],
): Promise<readonly unknown[]> {
  const results = await invoke(request, call, payloads);
  if (!Array.isArray(results) || results.length !== payloads.length)
    throw new ResolverError(
      'The data source did not return a list of the same size as the request',
      'MappingTemplate',
    );
  return results;
}

/** Each result of a batch may be an error of its own: `{ data, errorMessage, errorType }`. */
function single(result: unknown): unknown {
  if (typeof result !== 'object' || result === null || !('errorMessage' in result)) {
    const wrapped =
      typeof result === 'object' &&
      result !== null &&
      'data' in result &&
      Object.keys(result).every((key) => ENVELOPE.has(key));
    return wrapped ? (result as { data: unknown }).data : result;
  }
  const { data = null, errorMessage, errorType = null, errorInfo = null } = result as Record<string, unknown>;
  if (errorMessage === null || errorMessage === undefined) return data;
  throw new ResolverError(
    String(errorMessage),
    errorType === null ? null : String(errorType),
    data,
    errorInfo,
  );
}

const ENVELOPE = new Set(['data', 'errorMessage', 'errorType', 'errorInfo']);

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw new ResolverError('The function did not return JSON', 'Lambda:Unhandled');
  }
}
