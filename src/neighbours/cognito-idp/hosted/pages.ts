/** The hosted pages: plain forms, no scripts. */
import type { HostedReply } from './http.ts';

export interface Field {
  readonly name: string;
  readonly label: string;
  readonly type: 'text' | 'password';
}

export interface Form {
  readonly title: string;
  readonly action: string;
  readonly fields: readonly Field[];
  readonly hidden: Readonly<Record<string, string>>;
  readonly problem?: string | undefined;
}

export const formPage = (
  form: Form,
  headers: Readonly<Record<string, string | string[]>> = {},
): HostedReply =>
  page(
    200,
    form.title,
    `<form method="post" action="${escape(form.action)}">
${form.problem === undefined ? '' : `<p role="alert">${escape(form.problem)}</p>`}
${Object.entries(form.hidden)
  .map(([name, value]) => `<input type="hidden" name="${escape(name)}" value="${escape(value)}">`)
  .join('\n')}
${form.fields
  .map(
    ({ name, label, type }) =>
      `<label>${escape(label)}<input name="${escape(name)}" type="${type}" required autocomplete="${type === 'password' ? 'current-password' : 'username'}"></label>`,
  )
  .join('\n')}
<button type="submit">Continue</button>
</form>`,
    headers,
  );

export const errorPage = (status: number, text: string): HostedReply =>
  page(status, 'An error was encountered with the requested page.', `<p>${escape(text)}</p>`);

export const messagePage = (text: string): HostedReply => page(200, text, '');

const page = (
  status: number,
  title: string,
  content: string,
  headers: Readonly<Record<string, string | string[]>> = {},
): HostedReply => ({
  status,
  headers: {
    'Content-Type': 'text/html;charset=UTF-8',
    'Cache-Control': 'no-store',
    'Content-Security-Policy': "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
    'X-Content-Type-Options': 'nosniff',
    'Referrer-Policy': 'no-referrer',
    ...headers,
  },
  body: `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>${escape(title)}</title>
<style>body{font:16px/1.5 system-ui,sans-serif;max-width:22rem;margin:4rem auto;padding:0 1rem}label{display:block;margin:1rem 0}input{display:block;width:100%;font:inherit;padding:.4rem;box-sizing:border-box}button{font:inherit;padding:.5rem 1.5rem}[role=alert]{color:#a00}</style></head>
<body><h1>${escape(title)}</h1>
${content}
</body></html>
`,
});

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

const escape = (text: string): string => text.replace(/[&<>"']/g, (letter) => ENTITIES[letter] ?? letter);
