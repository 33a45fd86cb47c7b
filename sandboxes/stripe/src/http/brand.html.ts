import { html } from './html.js';

export const LOGO = html`<svg viewBox="0 0 32 32" aria-hidden="true">
  <rect width="32" height="32" rx="8" fill="#2b54e0" />
  <ellipse
    cx="16"
    cy="16"
    rx="11"
    ry="4.6"
    fill="none"
    stroke="#b9ccff"
    stroke-width="1.8"
    transform="rotate(-30 16 16)"
  />
  <circle cx="16" cy="16" r="4" fill="#fff" />
  <circle cx="25" cy="10.2" r="1.9" fill="#ffd27a" />
</svg>`;
export const PILL = html`<span class="pill">Test mode</span>`;
