/** A trace in short, from its segments. */
import type { AnnotationValue, TraceSummary } from '@aws-sdk/client-xray';
import type { Segment } from './segment.ts';

export function summaryOf(traceId: string, segments: readonly Segment[]): TraceSummary {
  const ordered = segments.toSorted((a, b) => a.start_time - b.start_time);
  const [first] = ordered;
  const start = first?.start_time ?? 0;
  const end = Math.max(start, ...ordered.map((one) => one.end_time ?? one.start_time));
  const root = ordered.find((one) => one.parent_id === undefined) ?? first;
  const { request, response } = root?.http ?? {};
  return {
    Id: traceId,
    StartTime: new Date(start * 1000),
    Duration: end - start,
    ResponseTime: (root?.end_time ?? end) - (root?.start_time ?? start),
    HasFault: ordered.some((one) => one.fault === true),
    HasError: ordered.some((one) => one.error === true),
    HasThrottle: ordered.some((one) => one.throttle === true),
    IsPartial: ordered.some((one) => one.in_progress === true || one.end_time === undefined),
    ...(root?.http === undefined
      ? {}
      : {
          Http: {
            HttpURL: request?.url,
            HttpMethod: request?.method,
            HttpStatus: response?.status,
            ClientIp: request?.client_ip,
            UserAgent: request?.user_agent,
          },
        }),
    Annotations: annotationsOf(ordered),
    Users: ordered.flatMap(({ user }) => (user === undefined ? [] : [{ UserName: user }])),
    ServiceIds: ordered.filter(({ type }) => type !== 'subsegment').map(serviceOf),
    ...(root === undefined ? {} : { EntryPoint: serviceOf(root) }),
    Revision: ordered.length,
  };
}

const serviceOf = ({ name, origin, aws }: Segment) => ({
  Name: name,
  Names: [name],
  ...(typeof aws?.['account_id'] === 'string' ? { AccountId: aws['account_id'] } : {}),
  ...(origin === undefined ? {} : { Type: origin }),
});

function annotationsOf(segments: readonly Segment[]): TraceSummary['Annotations'] {
  const all: Record<string, { AnnotationValue: AnnotationValue; ServiceIds: object[] }[]> = {};
  for (const segment of segments)
    for (const [name, value] of Object.entries(segment.annotations ?? {})) {
      const ServiceIds = [serviceOf(segment)];
      (all[name] ??= []).push({ AnnotationValue: valueOf(value), ServiceIds });
    }
  return all;
}

function valueOf(value: string | number | boolean): AnnotationValue {
  if (typeof value === 'number') return { NumberValue: value };
  return typeof value === 'boolean' ? { BooleanValue: value } : { StringValue: value };
}
