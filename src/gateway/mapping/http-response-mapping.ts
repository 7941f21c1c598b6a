/** `responseParameters` of an HTTP API's integration, by the backend's status. */
import type { Checked, Reply } from '../plan.ts';
import { changeHeader, compileRules } from './http-mapping.ts';

type MapReply = (call: Checked, reply: Reply) => Reply;

/** Null when nothing is mapped. */
export function compileHttpResponseMapping(
  parameters: Readonly<Record<string, Readonly<Record<string, string>>>>,
): MapReply | null {
  const byStatus = new Map<number, ReturnType<typeof compileRules>>();
  for (const [status, rules] of Object.entries(parameters)) byStatus.set(Number(status), compileRules(rules));
  if (byStatus.size === 0) return null;
  return (call, reply) => {
    const rules = byStatus.get(reply.status);
    if (rules === undefined) return reply;
    const headers = [...reply.headers];
    let { status } = reply;
    for (const rule of rules) {
      const value = rule.operation === 'remove' ? '' : rule.value(call, reply);
      if (value === undefined) continue;
      if (rule.place === 'header') changeHeader(headers, rule, value);
      else if (rule.place === 'statuscode') status = asStatus(value) ?? status;
    }
    return { ...reply, status, headers };
  };
}

const asStatus = (text: string): number | undefined => (/^[2-5]\d\d$/.test(text) ? Number(text) : undefined);
