/** Markup that is safe to put into a page as it stands. */
export class Markup {
  constructor(readonly text: string) {}
}

type Part = Markup | string | number | null | undefined | false | readonly Markup[];

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function render(part: Part): string {
  if (part === null || part === undefined || part === false) return '';
  if (part instanceof Markup) return part.text;
  if (typeof part === 'object') return part.map((item) => item.text).join('');
  return String(part).replace(/[&<>"']/g, (character) => ESCAPES[character] ?? '');
}

/** A page's text; everything put into it is escaped unless it is markup already. */
export function html(strings: TemplateStringsArray, ...parts: readonly Part[]): Markup {
  return new Markup(strings.reduce((all, text, i) => all + render(parts[i - 1]) + text));
}

export interface PageOptions {
  readonly title: string;
  readonly css: string;
  readonly script?: string;
  /** Ties the inline style and script to the Content-Security-Policy of this one answer. */
  readonly nonce: string;
  readonly body: Markup;
}

export function renderPage({ title, css, script, nonce, body }: PageOptions): string {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="robots" content="noindex" />
        <meta name="color-scheme" content="light dark" />
        <title>${title}</title>
        <link rel="icon" href="data:image/svg+xml,${new Markup(encodeURIComponent(ICON))}" />
        <style nonce="${nonce}">
          ${new Markup(css)}
        </style>
      </head>
      <body>
        ${body}
        ${
          script === undefined
            ? null
            : html`<script nonce="${nonce}">
                ${new Markup(script)};
              </script>`
        }
      </body>
    </html> `.text;
}

const ICON =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="8" ' +
  'fill="#14213d"/><ellipse cx="16" cy="16" rx="11" ry="5" fill="none" stroke="#8fb4ff" stroke-width="2" ' +
  'transform="rotate(-30 16 16)"/><circle cx="16" cy="16" r="4" fill="#fff"/></svg>';

/** Nothing from elsewhere, nothing inline without the nonce, nobody may frame the page. */
export function pageHeaders(nonce: string): Readonly<Record<string, string>> {
  return {
    'content-type': 'text/html; charset=utf-8',
    'cache-control': 'no-store',
    'content-security-policy':
      `default-src 'none'; style-src 'nonce-${nonce}'; script-src 'nonce-${nonce}'; ` +
      "img-src data:; base-uri 'none'; frame-ancestors 'none'",
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
  };
}
