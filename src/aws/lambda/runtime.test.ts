/** Which runtimes are there, past their end, or not at all. */
import { expect, test } from 'bun:test';
import { faultOf, openRoom } from './testing/room.ts';

const retired = (runtime: string, successor: string): string =>
  `InvalidParameterValueException: The runtime parameter of ${runtime} is no longer supported for creating or updating AWS Lambda functions. We recommend you use the new runtime (${successor}) while creating or updating functions.`;

const ROWS = [
  { runtime: 'nodejs24.x', usual: 'no fault', allow: 'no fault', refuse: 'no fault' },
  {
    runtime: 'nodejs20.x',
    usual: 'no fault',
    allow: 'no fault',
    refuse: retired('nodejs20.x', 'nodejs24.x'),
  },
  { runtime: 'python3.9', usual: 'no fault', allow: 'no fault', refuse: retired('python3.9', 'python3.14') },
  { runtime: 'nodejs18.x', usual: retired('nodejs18.x', 'nodejs24.x'), allow: 'no fault' },
  { runtime: 'nodejs8.10', usual: retired('nodejs8.10', 'nodejs24.x'), allow: 'no fault' },
  { runtime: 'python3.8', usual: retired('python3.8', 'python3.14'), allow: 'no fault' },
  {
    runtime: 'go1.x',
    usual: retired('go1.x', 'provided.al2023'),
    allow: 'InvalidParameterValueException: Runtime go1.x is not supported by gatehouse; nothing was changed',
  },
  {
    runtime: 'java21',
    usual:
      'InvalidParameterValueException: Runtime java21 is not supported by gatehouse; nothing was changed',
  },
];

for (const { runtime, usual, allow = usual, refuse = usual } of ROWS)
  for (const [mode, fault] of [
    ['retired', usual],
    ['allow', allow],
    ['refuse', refuse],
  ] as const)
    test(`${runtime}, ${mode}`, async () => {
      const room = openRoom({ retiredRuntimes: mode });
      expect(await faultOf(room.createFunction('f', { Runtime: runtime }))).toBe(fault);
    });
