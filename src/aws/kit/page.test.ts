import { expect, test } from 'bun:test';
import { pageOf } from './page.ts';

const letters = ['a', 'b', 'c', 'd', 'e'];

test('pages follow one another until the last has no position', () => {
  const pages: string[][] = [];
  let position: string | undefined;
  do {
    const page = pageOf(letters, { position, limit: 2 }, (letter) => letter);
    pages.push(page.items);
    position = page.position;
  } while (position !== undefined);
  expect(pages).toEqual([['a', 'b'], ['c', 'd'], ['e']]);
});

test('25 unless told, 500 at most', () => {
  const many = Array.from({ length: 600 }, (_, index) => String(index).padStart(3, '0'));
  expect(pageOf(many, {}, (item) => item).items).toHaveLength(25);
  expect(pageOf(many, { limit: 9999 }, (item) => item).items).toHaveLength(500);
});

test('a position that we never gave is refused', () => {
  expect(() => pageOf(letters, { position: '!!' }, (letter) => letter)).toThrow('Invalid position parameter');
});
