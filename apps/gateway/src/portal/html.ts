import { createHash } from 'node:crypto';

/** Text that is markup already. All other text is escaped when it is put into a page. */
export class Html {
  constructor(readonly text: string) {}
}

type Part = string | number | Html | readonly Html[] | null;

/** Puts values into markup; what is not Html is escaped, so that no name of a customer is ever run. */
export function html(markup: TemplateStringsArray, ...values: readonly Part[]): Html {
  const parts = values.map((value, index) => textOf(value) + (markup[index + 1] ?? ''));
  return new Html((markup[0] ?? '') + parts.join(''));
}

function textOf(value: Part): string {
  if (value === null) return '';
  if (value instanceof Html) return value.text;
  if (typeof value === 'object') return value.map(({ text }) => text).join('');
  return escape(String(value));
}

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

const escape = (text: string): string => text.replace(/[&<>"']/g, (char) => ESCAPES[char] ?? '');

const STYLE = `
:root { color-scheme: light dark; --ink: #111827; --text: #374151; --muted: #6b7280; --line: #e5e7eb;
  --panel: #f9fafb; --page: #ffffff; --accent: #4338ca; --on-accent: #ffffff; }
@media (prefers-color-scheme: dark) { :root { --ink: #f9fafb; --text: #d1d5db; --muted: #9ca3af; --line: #374151;
  --panel: #1f2937; --page: #111827; --accent: #818cf8; --on-accent: #111827; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--panel); color: var(--text); font: 15px/1.5 system-ui, sans-serif; }
main { max-width: 52rem; margin: 0 auto; padding: 2rem 1rem 4rem; }
section, header.card { background: var(--page); border: 1px solid var(--line); border-radius: 12px; padding: 1.5rem; margin: 0 0 1rem; }
h1 { color: var(--ink); font-size: 1.5rem; margin: 0 0 .25rem; }
h2 { color: var(--ink); font-size: 1.05rem; margin: 0 0 .75rem; }
p { margin: .25rem 0; } .muted { color: var(--muted); }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .25rem 1rem; margin: 0; }
dt { color: var(--muted); } dd { margin: 0; color: var(--ink); }
.wide { overflow-x: auto; } table { width: 100%; border-collapse: collapse; }
th { color: var(--muted); font-weight: 600; font-size: .8rem; text-align: left; }
th, td { padding: .5rem .5rem .5rem 0; border-bottom: 1px solid var(--line); vertical-align: top; }
td small { display: block; color: var(--muted); } .number { text-align: right; white-space: nowrap; }
tfoot td { border: 0; } tfoot tr:last-child td { color: var(--ink); font-weight: 600; font-size: 1.1rem; }
.badge { display: inline-block; border: 1px solid currentColor; border-radius: 999px; padding: 0 .6rem; font-size: .8rem; }
.row { display: flex; flex-wrap: wrap; gap: 1rem; justify-content: space-between; }
a { color: var(--accent); } .actions { display: flex; flex-wrap: wrap; gap: .75rem; margin-top: 1rem; }
.button, button { display: inline-block; border: 0; border-radius: 8px; padding: .55rem 1rem; font: inherit; cursor: pointer;
  background: var(--accent); color: var(--on-accent); text-decoration: none; }
.big { color: var(--ink); font-size: 1.6rem; font-weight: 600; }
`;

const STYLE_HASH = createHash('sha256').update(STYLE).digest('base64');

/** Nothing is loaded or run; a form may lead to the page of a payment provider. */
export const PAGE_POLICY = `default-src 'none'; style-src 'sha256-${STYLE_HASH}'; form-action 'self' https: http:; base-uri 'none'; frame-ancestors 'none'`;

/** A whole page. */
export const pageOf = (title: string, body: Html): string =>
  html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="robots" content="noindex" />
        <title>${title}</title>
        <style>
          ${new Html(STYLE)}
        </style>
      </head>
      <body>
        <main>${body}</main>
      </body>
    </html> `.text;
