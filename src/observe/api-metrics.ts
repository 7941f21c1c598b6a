/**
 * API Gateway's metrics, by AWS's names and dimensions.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-metrics-and-dimensions.html
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-metrics.html
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-websocket-api-logging.html
 */
import { limits } from '../base/limits.ts';
import type { Observation, Observe } from '../base/observation.ts';
import type { MetricBuffer, Recorder } from './metric-buffer.ts';

type Dimensions = readonly (readonly [name: string, value: string])[];

/** The recorders of one API and stage, or one of its routes: made at its first request. */
type Recorders = (observation: Observation) => void;

export function createApiMetrics(buffer: MetricBuffer): Observe {
  const known = new Map<string, Recorders>();
  return (observation) => {
    const { apiId, stageName, detailedMetrics, routeKey = '' } = observation;
    // The route tells apart only where it has metrics of its own, so that clients cannot make up series.
    const key = detailedMetrics ? `${apiId}/${stageName}/${routeKey}` : `${apiId}/${stageName}`;
    let record = known.get(key);
    if (record === undefined) {
      if (known.size >= limits.metricSeries) known.clear();
      record = recordersOf(buffer, observation);
      known.set(key, record);
    }
    record(observation);
  };
}

const KINDS: {
  readonly [Kind in Observation['metrics']]: (buffer: MetricBuffer, first: Observation) => Recorders;
} = {
  REST: restRecorders,
  HTTP: httpRecorders,
  WEBSOCKET: socketRecorders,
};

const recordersOf = (buffer: MetricBuffer, first: Observation): Recorders =>
  KINDS[first.metrics](buffer, first);

/** The same metric for every set of dimensions. */
function everywhere(
  buffer: MetricBuffer,
  { scope }: Observation,
  sets: readonly Dimensions[],
): (metricName: string, unit: string) => Recorder {
  return (metricName, unit) => {
    const recorders = sets.map((dimensions) =>
      buffer.recorder({ scope, namespace: 'AWS/ApiGateway', metricName, dimensions, unit }),
    );
    return {
      add(value, at) {
        for (const recorder of recorders) recorder.add(value, at);
      },
    };
  };
}

function restRecorders(buffer: MetricBuffer, first: Observation): Recorders {
  const { apiName, stageName, routeKey = '', detailedMetrics } = first;
  const [method = '', resource = ''] = routeKey.split(' ');
  const sets: Dimensions[] = [
    [['ApiName', apiName]],
    [
      ['ApiName', apiName],
      ['Stage', stageName],
    ],
  ];
  if (detailedMetrics)
    sets.push([
      ['ApiName', apiName],
      ['Method', method],
      ['Resource', resource],
      ['Stage', stageName],
    ]);
  const metric = everywhere(buffer, first, sets);
  const count = metric('Count', 'Count');
  const clientErrors = metric('4XXError', 'Count');
  const serverErrors = metric('5XXError', 'Count');
  const latency = metric('Latency', 'Milliseconds');
  const integration = metric('IntegrationLatency', 'Milliseconds');
  const hits = metric('CacheHitCount', 'Count');
  const misses = metric('CacheMissCount', 'Count');
  return ({ status, startedAt, endedAt, integrationLatencyMs, cache }) => {
    count.add(1, endedAt);
    clientErrors.add(status >= 400 && status < 500 ? 1 : 0, endedAt);
    serverErrors.add(status >= 500 ? 1 : 0, endedAt);
    latency.add(endedAt - startedAt, endedAt);
    if (integrationLatencyMs !== undefined) integration.add(Math.round(integrationLatencyMs), endedAt);
    if (cache === 'hit') hits.add(1, endedAt);
    if (cache === 'miss') misses.add(1, endedAt);
  };
}

/** By id, and by route where detailed metrics are on. */
function idSets({ apiId, stageName, routeKey = '', detailedMetrics }: Observation): Dimensions[] {
  const stage: Dimensions = [
    ['ApiId', apiId],
    ['Stage', stageName],
  ];
  const route: Dimensions = [
    ['ApiId', apiId],
    ['Route', routeKey],
    ['Stage', stageName],
  ];
  return [[['ApiId', apiId]], stage, ...(detailedMetrics ? [route] : [])];
}

function httpRecorders(buffer: MetricBuffer, first: Observation): Recorders {
  const metric = everywhere(buffer, first, idSets(first));
  const count = metric('Count', 'Count');
  const clientErrors = metric('4xx', 'Count');
  const serverErrors = metric('5xx', 'Count');
  const latency = metric('Latency', 'Milliseconds');
  const integration = metric('IntegrationLatency', 'Milliseconds');
  const bytes = metric('DataProcessed', 'Bytes');
  return ({ status, startedAt, endedAt, integrationLatencyMs, responseBytes, requestBytes }) => {
    count.add(1, endedAt);
    clientErrors.add(status >= 400 && status < 500 ? 1 : 0, endedAt);
    serverErrors.add(status >= 500 ? 1 : 0, endedAt);
    latency.add(endedAt - startedAt, endedAt);
    if (integrationLatencyMs !== undefined) integration.add(Math.round(integrationLatencyMs), endedAt);
    bytes.add(responseBytes + requestBytes, endedAt);
  };
}

function socketRecorders(buffer: MetricBuffer, first: Observation): Recorders {
  const metric = everywhere(buffer, first, idSets(first));
  const connects = metric('ConnectCount', 'Count');
  const messages = metric('MessageCount', 'Count');
  const integrationErrors = metric('IntegrationError', 'Count');
  const clientErrors = metric('ClientError', 'Count');
  const executionErrors = metric('ExecutionError', 'Count');
  const integration = metric('IntegrationLatency', 'Milliseconds');
  return ({ routeKey, status, endedAt, integrationStatus, integrationLatencyMs }) => {
    if (routeKey === '$connect') connects.add(1, endedAt);
    else if (routeKey !== '$disconnect') messages.add(1, endedAt);
    const failed = (integrationStatus ?? 0) >= 400;
    integrationErrors.add(failed ? 1 : 0, endedAt);
    clientErrors.add(!failed && status >= 400 && status < 500 ? 1 : 0, endedAt);
    executionErrors.add(!failed && status >= 500 ? 1 : 0, endedAt);
    if (integrationLatencyMs !== undefined) integration.add(Math.round(integrationLatencyMs), endedAt);
  };
}
