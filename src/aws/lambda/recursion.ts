/**
 * The recursion guard. The trace header carries, beside its root, how often each function has been on the way to this
 * invocation; SDKs inside functions pass it on, and queues keep it with their messages. A function that comes round for
 * the 17th time is stopped unless its loops are allowed.
 * https://docs.aws.amazon.com/lambda/latest/dg/invocation-recursion.html
 */
import { createHash } from 'node:crypto';
import type { KnownFunction } from './catalog.ts';
import { newTraceHeader } from '../../base/trace-header.ts';
import { lambdaFault } from './fault.ts';

const MOST_ROUNDS = 16;
/** Functions on one way; beyond it the header would outgrow what SDKs pass on. */
const MOST_FUNCTIONS = 20;
const LINEAGE = /;?Lineage=([^;]*)/;

/** How a function is named in headers. */
export const lineageName = (functionArn: string): string =>
  createHash('sha256').update(functionArn).digest('hex').slice(0, 8);

/** The header the function hands on. Throws `Fault` RecursiveInvocationException. */
export function followTrace(
  header: string | undefined,
  { name, mayLoop }: KnownFunction['lineage'],
  now: number,
): string {
  if (header === undefined) return `${newTraceHeader(now)};Lineage=${name}:0`;
  const rounds = new Map(
    (LINEAGE.exec(header)?.[1] ?? '').split('|').flatMap((entry) => {
      const [name_ = '', count] = entry.split(':');
      return /^[0-9a-f]{8}$/.test(name_) ? [[name_, Number(count) || 0] as const] : [];
    }),
  );
  const count = (rounds.get(name) ?? -1) + 1;
  if (count >= MOST_ROUNDS && !mayLoop)
    throw lambdaFault(
      'RecursiveInvocationException',
      "Lambda has detected your function being invoked in a recursive loop with other Amazon Web Services resources and stopped your function's invocation.",
    );
  rounds.set(name, count);
  const lineage = [...rounds].slice(-MOST_FUNCTIONS).map(([one, times]) => `${one}:${times}`);
  return `${header.replace(LINEAGE, '')};Lineage=${lineage.join('|')}`;
}
