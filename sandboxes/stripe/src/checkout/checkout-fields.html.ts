import type { PayForm } from '../http/read-form.js';
import type { AccountFault } from '../payments/bank-debit.js';
import { TEST_ACCOUNTS, ROUTING_NUMBER, type DebitType } from '../payments/bank-debit.js';
import type { CardFault } from '../customers/card.js';
import type { MethodType } from '../world/objects.js';
import { TEST_CARDS, type CardBehavior } from '../customers/test-cards.js';
import { html, type Markup } from '../http/html.js';

export type FormFault = CardFault | AccountFault;

const NAMES = [
  'card_number',
  'exp',
  'cvc',
  'name',
  'email',
  'account_number',
  'routing_number',
  'iban',
] as const;

export type FieldName = (typeof NAMES)[number];

/** The text in the form. */
export type FormText = Readonly<Record<FieldName, string>>;

export const EMPTY_FORM = Object.fromEntries(NAMES.map((name) => [name, ''])) as Record<
  FieldName,
  string
>;

export function readFormText(given: Readonly<Record<string, unknown>>): FormText {
  const read = (name: FieldName): readonly [FieldName, string] => {
    const value = given[name];
    return [name, typeof value === 'string' ? value : ''];
  };
  return Object.fromEntries(NAMES.map(read)) as Record<FieldName, string>;
}

export function toPayForm(form: FormText, method: MethodType): PayForm {
  if (method === 'card') {
    return { kind: 'card', card: { number: form.card_number, exp: form.exp, cvc: form.cvc } };
  }
  const number = method === 'sepa_debit' ? form.iban : form.account_number;
  return { kind: method, number, routingNumber: form.routing_number };
}

/** A link of the test lists, followed without JavaScript. */
export function prefill(card: unknown, account: unknown): Partial<FormText> {
  if (typeof card === 'string' && /^\d{14,16}$/.test(card)) {
    const card_number = card.replace(/(.{4})(?=.)/g, '$1 ');
    return { card_number, exp: '12 / 34', cvc: '123', name: 'Ada Lovelace' };
  }
  const found = TEST_ACCOUNTS.find((each) => each.number === account);
  if (found === undefined) return {};
  const name = 'Ada Lovelace';
  return found.type === 'sepa_debit'
    ? { iban: found.number.replace(/(.{4})(?=.)/g, '$1 '), name }
    : { account_number: found.number, routing_number: ROUTING_NUMBER, name };
}

interface Field {
  readonly id: FieldName;
  readonly label: string;
  readonly type: 'text' | 'email';
  readonly autocomplete: string;
  readonly placeholder: string;
  readonly note?: string;
  readonly inputmode?: 'numeric';
  readonly max?: number;
}

export interface FieldsView {
  readonly form: FormText;
  readonly faults: readonly FormFault[];
}

const EMAIL: Field = {
  ...{ id: 'email', label: 'Email', type: 'email', autocomplete: 'email' },
  ...{ placeholder: 'you@example.com', note: 'for the receipt' },
};
const CARD_NUMBER: Field = {
  ...{ id: 'card_number', label: 'Card number', type: 'text', autocomplete: 'cc-number' },
  ...{ placeholder: '1234 1234 1234 1234', inputmode: 'numeric', max: 23 },
};
const EXPIRY: Field = {
  ...{ id: 'exp', label: 'Expiry', type: 'text', autocomplete: 'cc-exp' },
  ...{ placeholder: 'MM / YY', inputmode: 'numeric', max: 9 },
};
const CVC: Field = {
  ...{ id: 'cvc', label: 'Security code', type: 'text', autocomplete: 'cc-csc' },
  ...{ placeholder: 'CVC', inputmode: 'numeric', max: 4 },
};
const NAME: Field = {
  ...{ id: 'name', label: 'Name on card', type: 'text', autocomplete: 'cc-name' },
  ...{ placeholder: 'Full name', note: 'optional' },
};
const OWNER: Field = { ...NAME, label: 'Name of the account holder', autocomplete: 'name' };
const ROUTING: Field = {
  ...{ id: 'routing_number', label: 'Routing number', type: 'text', autocomplete: 'off' },
  ...{ placeholder: ROUTING_NUMBER, inputmode: 'numeric', max: 9 },
};
const ACCOUNT: Field = {
  ...{ id: 'account_number', label: 'Account number', type: 'text', autocomplete: 'off' },
  ...{ placeholder: '000123456789', inputmode: 'numeric', max: 17 },
};
const IBAN: Field = {
  ...{ id: 'iban', label: 'IBAN', type: 'text', autocomplete: 'off' },
  ...{ placeholder: 'DE00 0000 0000 0000 0000 00', max: 42 },
};

/** The form's inputs for one kind of payment method; `withEmail` for pages that know no customer. */
export function renderFields(view: FieldsView, method: MethodType, withEmail = true): Markup {
  const email = withEmail ? renderField(view, EMAIL) : null;
  if (method === 'card') {
    return html`${email}${renderField(view, CARD_NUMBER)}
      <div class="row">${renderField(view, EXPIRY)}${renderField(view, CVC)}</div>
      ${renderField(view, NAME)}`;
  }
  const account =
    method === 'sepa_debit'
      ? renderField(view, IBAN)
      : html`<div class="row">${renderField(view, ROUTING)}${renderField(view, ACCOUNT)}</div>`;
  return html`<input type="hidden" name="payment_method_type" value="${method}" />
    ${email}${account}${renderField(view, OWNER)}
    <p class="mandate">
      You allow the debit of this account. The bank answers later: until then the payment is under
      way.
    </p>`;
}

function renderField(view: FieldsView, field: Field): Markup {
  const { id } = field;
  const fault = view.faults.find((candidate) => candidate.field === id);
  const invalid = fault && html` aria-invalid="true" aria-describedby="${id}_fault"`;
  const mode = field.inputmode && html` inputmode="${field.inputmode}"`;
  const input = html`<input
    id="${id}"
    name="${id}"
    type="${field.type}"
    value="${view.form[id]}"
    autocomplete="${field.autocomplete}"
    placeholder="${field.placeholder}"
    maxlength="${field.max ?? 200}"
    ${mode}${invalid}
    spellcheck="false"
  />`;
  return html`<div class="field">
    <label for="${id}">${field.label}${field.note && html` <i>${field.note}</i>`}</label>
    ${id === 'card_number' ? html`<div class="number">${input}<span class="mark" id="mark" aria-hidden="true"></span></div>` : input}
    ${fault && html`<p class="fault" id="${id}_fault">${fault.message}</p>`}
  </div>`;
}

export const METHOD_LABEL: Readonly<Record<MethodType, string>> = {
  card: 'Card',
  us_bank_account: 'US bank account',
  sepa_debit: 'SEPA debit',
};

const TAB_LABEL: Readonly<Record<MethodType, string>> = {
  card: 'Card',
  us_bank_account: 'US bank',
  sepa_debit: 'SEPA debit',
};

/** One link per kind of method; nothing when there is no choice. */
export function renderTabs(types: readonly MethodType[], chosen: MethodType): Markup | null {
  if (types.length < 2) return null;
  return html`<nav class="tabs" aria-label="Ways to pay">
    ${types.map(
      (type) =>
        html`<a
          href="?method=${type}"
          ${type === chosen ? html`aria-current="true"` : null}
          id="method_${type}"
          >${TAB_LABEL[type]}</a
        >`,
    )}
  </nav>`;
}

export function renderTestData(method: MethodType): Markup {
  if (method === 'card') return renderTestCards();
  return renderTestAccounts(method);
}

function renderTestCards(): Markup {
  const listed = TEST_CARDS.filter((card) => card.label !== undefined);
  return html`<section class="cards" aria-labelledby="cards_title">
    <h2 id="cards_title">Test cards</h2>
    <p>Pick one to fill the form. Any future date and any three digits will do.</p>
    <ul>
      ${listed.map(
        (card) =>
          html`<li>
            <a href="?card=${card.number}" data-card="${card.number}"
              ><span class="dot ${dotOf(card.behavior)}" aria-hidden="true"></span
              ><span>${card.label}</span
              ><code>${card.number.replace(/(.{4})(?=.)/g, '$1 ')}</code></a
            >
          </li>`,
      )}
    </ul>
  </section>`;
}

function renderTestAccounts(type: DebitType): Markup {
  const listed = TEST_ACCOUNTS.filter((each) => each.type === type && each.label !== undefined);
  return html`<section class="cards" aria-labelledby="cards_title">
    <h2 id="cards_title">Test accounts</h2>
    <p>Pick one to fill the form. The bank's answer comes a few seconds after the payment.</p>
    <ul>
      ${listed.map(
        (each) =>
          html`<li>
            <a href="?method=${type}&amp;account=${each.number}"
              ><span
                class="dot ${each.outcome === 'succeed' ? '' : each.outcome === 'dispute' ? 'ask' : 'no'}"
                aria-hidden="true"
              ></span
              ><span>${each.label}</span><code>${each.number}</code></a
            >
          </li>`,
      )}
    </ul>
  </section>`;
}

function dotOf(behavior: CardBehavior): string {
  if (behavior === 'succeed') return '';
  return behavior.startsWith('authenticate') || behavior === 'dispute' ? 'ask' : 'no';
}
