/**
 * Which runtimes new functions may have. https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html, read in
 * November 2026. A runtime past its end is deprecated first, which keeps nobody from creating functions with it, and
 * refused some months later.
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
/** Gone from AWS's table of supported runtimes; functions with them run on. */
const DEPRECATED: ReadonlySet<string> = new Set(['nodejs20.x', 'python3.9', 'ruby3.2']);
/** Refused by AWS for creation and update, by family, and what it names in their place. */
const RETIRED: readonly (readonly [RegExp, string])[] = [
  [/^nodejs(4\.3|4\.3-edge|6\.10|8\.10|10\.x|12\.x|14\.x|16\.x|18\.x)?$/, 'nodejs24.x'],
  [/^python(2\.7|3\.6|3\.7|3\.8)$/, 'python3.14'],
  [/^java8$/, 'java25'],
  [/^(dotnetcore[123]\.[01]|dotnet6)$/, 'dotnet10'],
  [/^ruby2\.[57]$/, 'ruby4.0'],
  [/^(go1\.x|provided)$/, 'provided.al2023'],
];
/** What the function runner can start: Node.js, Python and any executable named bootstrap. */
const RUNNABLE = /^(nodejs|python|provided)/;

/** `retired`: as AWS. `allow`: retired ones too, on what the machine has. `refuse`: deprecated ones neither. */
export type RetiredRuntimes = 'retired' | 'allow' | 'refuse';

export function checkRuntime(runtime: string | undefined, mode: RetiredRuntimes = 'retired'): void {
  const successor = RETIRED.find(([pattern]) => pattern.test(runtime ?? ''))?.[1];
  const isRetired = successor !== undefined || (mode === 'refuse' && DEPRECATED.has(runtime ?? ''));
  if (isRetired && mode !== 'allow') throw noLongerSupported(runtime ?? '', successor);
  if (runtime !== undefined && (KNOWN.has(runtime) || isRetired)) {
    if (RUNNABLE.test(runtime)) return;
    throw unsupported(`Runtime ${runtime}`);
  }
  // Recorded from AWS: the value is not quoted in this one.
  throw invalidParameter(
    `Value ${runtime} at 'runtime' failed to satisfy constraint: Member must satisfy enum value set: [${RUNTIMES.join(', ')}] or be a valid ARN`,
  );
}

/** As people quote AWS. */
const noLongerSupported = (
  runtime: string,
  successor = runtime.startsWith('python') ? 'python3.14' : 'nodejs24.x',
) =>
  invalidParameter(
    `The runtime parameter of ${runtime} is no longer supported for creating or updating AWS Lambda functions. We recommend you use the new runtime (${successor}) while creating or updating functions.`,
  );

/** AWS names the build of a runtime by a hash; ours is stable for a runtime, as nothing here patches it. */
export const runtimeVersionArn = (region: string, runtime: string): string =>
  `arn:aws:lambda:${region}::runtime:${createHash('sha256').update(runtime).digest('hex')}`;
