/** Segment documents: https://docs.aws.amazon.com/xray/latest/devguide/xray-api-segmentdocuments.html */
import type { Span } from '../../base/spans.ts';
import { isTraceId } from '../../base/trace-header.ts';

/** What is looked at of a document; the rest is kept as it is. */
export interface Segment {
  readonly id: string;
  readonly trace_id: string;
  readonly parent_id?: string;
  readonly name: string;
  /** Seconds since 1970. */
  readonly start_time: number;
  /** Absent while it goes on. */
  readonly end_time?: number;
  readonly in_progress?: boolean;
  readonly origin?: string;
  /** `subsegment` where one is sent by itself. */
  readonly type?: string;
  readonly user?: string;
  readonly error?: boolean;
  readonly fault?: boolean;
  readonly throttle?: boolean;
  readonly http?: {
    readonly request?: {
      readonly method?: string;
      readonly url?: string;
      readonly client_ip?: string;
      readonly user_agent?: string;
    };
    readonly response?: { readonly status?: number };
  };
  readonly annotations?: Readonly<Record<string, string | number | boolean>>;
  readonly aws?: Readonly<Record<string, unknown>>;
}

export type ReadSegment =
  | { readonly segment: Segment }
  | { readonly error: { readonly Id?: string; readonly ErrorCode: string; readonly Message: string } };

const ID = /^[0-9a-f]{16}$/;

export function readSegment(text: string): ReadSegment {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { error: { ErrorCode: 'ParseError', Message: 'Segment document is not valid JSON' } };
  }
  const segment = value as Partial<Segment>; // looked at member by member below
  if (typeof value !== 'object' || value === null)
    return { error: { ErrorCode: 'ParseError', Message: 'Segment document is not an object' } };
  const wrong = (ErrorCode: string, Message: string): ReadSegment => ({
    error: { ...(typeof segment.id === 'string' ? { Id: segment.id } : {}), ErrorCode, Message },
  });
  if (typeof segment.id !== 'string' || !ID.test(segment.id))
    return wrong('MissingId', 'id must be 16 hexadecimal digits');
  if (typeof segment.trace_id !== 'string' || !isTraceId(segment.trace_id))
    return wrong('InvalidTraceId', 'Invalid segment. ErrorCode: InvalidTraceId');
  if (typeof segment.name !== 'string' || segment.name === '')
    return wrong('MissingName', 'name is required');
  if (typeof segment.start_time !== 'number') return wrong('InvalidTime', 'start_time is required');
  return {
    segment: {
      ...segment,
      id: segment.id,
      trace_id: segment.trace_id,
      name: segment.name,
      start_time: segment.start_time,
    },
  };
}

/** A span of this server as X-Ray knows it. */
export function segmentOf(span: Span): Segment & { readonly subsegments?: readonly object[] } {
  const { http, backend, failure } = span;
  return {
    id: span.id,
    trace_id: span.traceId,
    ...(span.parentId === undefined ? {} : { parent_id: span.parentId }),
    name: span.name,
    start_time: span.startedAt / 1000,
    end_time: span.endedAt / 1000,
    origin: span.origin,
    ...(failure === undefined ? {} : { [failure]: true }),
    ...(failure === 'throttle' ? { error: true } : {}),
    ...(http === undefined
      ? {}
      : {
          http: {
            request: {
              method: http.method,
              url: http.url,
              client_ip: http.clientIp,
              ...(http.userAgent === undefined ? {} : { user_agent: http.userAgent }),
            },
            response: { status: http.status },
          },
        }),
    aws: span.aws,
    ...(backend === undefined
      ? {}
      : {
          subsegments: [
            {
              id: span.id.split('').toReversed().join(''),
              name: 'Integration',
              start_time: backend.startedAt / 1000,
              end_time: backend.endedAt / 1000,
              namespace: 'remote',
              ...(backend.status === undefined ? {} : { http: { response: { status: backend.status } } }),
            },
          ],
        }),
  };
}
