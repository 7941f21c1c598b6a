/** Every route of the application in one function: what is shared between them is loaded once. */
import { createRouter } from './router.mjs';

const books = new Map([['1', { id: '1', title: 'Walden' }]]);

const route = createRouter([
  ['GET', '/books', () => [...books.values()]],
  ['GET', '/books/:id', ({ id }) => books.get(id)],
  [
    'PUT',
    '/books/:id',
    ({ id }, body) => {
      const book = { ...body, id };
      books.set(id, book);
      return book;
    },
  ],
]);

export const handler = async ({ requestContext: { http }, rawPath, body }) => {
  const found = route(http.method, rawPath);
  if (found === undefined) return { statusCode: 404, body: JSON.stringify({ message: 'no such route' }) };
  const answer = found(body ? JSON.parse(body) : undefined);
  if (answer === undefined) return { statusCode: 404, body: JSON.stringify({ message: 'no such book' }) };
  return { statusCode: 200, headers: { 'content-type': 'application/json' }, body: JSON.stringify(answer) };
};
