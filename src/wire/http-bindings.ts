/** Where members stand in HTTP messages: https://smithy.io/2.0/spec/http-bindings.html */
import type { Member, OperationSchema, Shape } from './schema.ts';

export interface HttpBindings {
  readonly request: {
    readonly labels: readonly Member[];
    readonly query: readonly Bound[];
    /** The member that takes every query parameter no other member takes. */
    readonly queryParams: Member | undefined;
    readonly headers: readonly Bound[];
    readonly prefixHeaders: Bound | undefined;
    readonly payload: Member | undefined;
    readonly body: readonly Member[];
  };
  readonly response: {
    readonly status: number;
    readonly statusMember: Member | undefined;
    readonly headers: readonly Bound[];
    readonly prefixHeaders: Bound | undefined;
    readonly payload: Member | undefined;
    readonly body: readonly Member[];
  };
}

export interface Bound {
  readonly member: Member;
  /** Header names in lower case for requests, as written for responses. */
  readonly name: string;
}

export function compileBindings(schema: OperationSchema): HttpBindings {
  return { request: requestBindings(schema.input), response: responseBindings(schema) };
}

function requestBindings(input: Shape): HttpBindings['request'] {
  const members = membersOf(input);
  const labels = members.filter(({ traits }) => traits.httpLabel === 1);
  const query = bound(members, ({ traits }) => traits.httpQuery);
  const headers = bound(members, ({ traits }) => traits.httpHeader?.toLowerCase());
  const prefixHeaders = bound(members, ({ traits }) => traits.httpPrefixHeaders?.toLowerCase())[0];
  const queryParams = members.find(({ traits }) => traits.httpQueryParams === 1);
  const payload = members.find(({ traits }) => traits.httpPayload === 1);
  const elsewhere = new Set<Member | undefined>([...labels, queryParams, payload, prefixHeaders?.member]);
  for (const { member } of [...query, ...headers]) elsewhere.add(member);
  const body = payload === undefined ? members.filter((member) => !elsewhere.has(member)) : [];
  return { labels, query, queryParams, headers, prefixHeaders, payload, body };
}

/** Labels and queries do not exist in responses: members that carry those traits as well go into the body. */
export function responseBindings(schema: {
  readonly output: Shape;
  readonly traits: OperationSchema['traits'];
}): HttpBindings['response'] {
  const members = membersOf(schema.output);
  const headers = bound(members, ({ traits }) => traits.httpHeader);
  const prefixHeaders = bound(members, ({ traits }) => traits.httpPrefixHeaders)[0];
  const statusMember = members.find(({ traits }) => traits.httpResponseCode === 1);
  const payload = members.find(({ traits }) => traits.httpPayload === 1);
  const elsewhere = new Set<Member | undefined>([statusMember, payload, prefixHeaders?.member]);
  for (const { member } of headers) elsewhere.add(member);
  const body = payload === undefined ? members.filter((member) => !elsewhere.has(member)) : [];
  const status = schema.traits.http?.[2] ?? 200;
  return { status, statusMember, headers, prefixHeaders, payload, body };
}

const membersOf = (shape: Shape): readonly Member[] => (shape.kind === 'structure' ? shape.members : []);

function bound(members: readonly Member[], nameOf: (member: Member) => string | undefined): Bound[] {
  return members.flatMap((member) => {
    const name = nameOf(member);
    return name === undefined ? [] : [{ member, name }];
  });
}
