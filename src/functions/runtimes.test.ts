import { expect, test } from 'bun:test';
import { describeRuntimes, findRuntime } from './runtimes.ts';

test('Node.js is the real one, and its own executable', async () => {
  const { interpreter } = await findRuntime('nodejs22.x');
  expect(interpreter?.version).toMatch(/^v\d\d\.\d+\.\d+$/);
  expect(interpreter?.path).toEndWith('/node');
});

test('every runtime is described, with what it runs on', async () => {
  const described = await describeRuntimes();
  expect(described.map(({ part }) => part)).toEqual(
    expect.arrayContaining(['nodejs24.x', 'python3.13', 'provided.al2023']),
  );
  for (const { part, detail } of described) {
    const [, wanted] = /^(?:nodejs|python)([\d.]+?)(?:\.x)?$/.exec(part) ?? [];
    const [, present] = / v?(\d[\d.]+)/.exec(detail) ?? [];
    if (wanted === undefined || present === undefined) continue;
    expect(detail.includes("not the runtime's own version")).toBe(!`${present}.`.startsWith(`${wanted}.`));
  }
});
