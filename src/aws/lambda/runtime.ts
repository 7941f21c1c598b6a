/**
 * Which runtimes new functions may have. https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html, read in
 * November 2026. nodejs20.x, python3.9 and ruby3.2 are past their block-create dates in AWS's table, yet their functions
 * run on and are what many a template still says: they are accepted, as are the two provided runtimes on Amazon Linux 2.
 */
import { createHash } from 'node:crypto';
import { invalidParameter, unsupported } from './fault.ts';

const RUNTIMES = [
  'nodejs20.x',
  'nodejs22.x',
  'nodejs24.x',
  'python3.9',
  'python3.10',
  'python3.11',
  'python3.12',
  'python3.13',
  'python3.14',
  'java8.al2',
  'java8.al2023',
  'java11',
  'java11.al2023',
  'java17',
  'java17.al2023',
  'java21',
  'java25',
  'dotnet8',
  'dotnet10',
  'ruby3.2',
  'ruby3.3',
  'ruby3.4',
  'ruby4.0',
  'provided.al2',
  'provided.al2023',
] as const;

const KNOWN: ReadonlySet<string> = new Set(RUNTIMES);
/** What the function runner can start: Node.js, Python and any executable named bootstrap. */
const RUNNABLE = /^(nodejs|python|provided)/;

export function checkRuntime(runtime: string | undefined): void {
  if (runtime !== undefined && KNOWN.has(runtime)) {
    if (RUNNABLE.test(runtime)) return;
    throw unsupported(`Runtime ${runtime}`);
  }
  // Recorded from AWS: the value is not quoted in this one.
  throw invalidParameter(
    `Value ${runtime} at 'runtime' failed to satisfy constraint: Member must satisfy enum value set: [${RUNTIMES.join(', ')}] or be a valid ARN`,
  );
}

/** AWS names the build of a runtime by a hash; ours is stable for a runtime, as nothing here patches it. */
export const runtimeVersionArn = (region: string, runtime: string): string =>
  `arn:aws:lambda:${region}::runtime:${createHash('sha256').update(runtime).digest('hex')}`;
